import { moment } from '@latchkey/local-stack';
import { setImmediate as turn } from 'node:timers/promises';
import { Pool } from 'undici';
import type { LoadRequest, OpenLoop, OpenLoopResult } from './load.js';

/** A client that waits longer gives up. */
const ANSWER_TIMEOUT_MILLISECONDS = 5_000;
/** The status of a request without an answer. */
const NONE = 0;

/**
 * Measures latency under a fixed rate. autocannon also has a rate option, but sends the requests of
 * each second at its beginning, and corrects for coordinated omission by an estimate.
 */
export async function runOpenLoop(load: OpenLoop, enough?: AbortSignal): Promise<OpenLoopResult> {
  const { urls, connections, requests, seconds, perSecond } = load;
  if (requests.length === 0) throw new Error('a load needs at least one request');
  const pools = urls.map((url) => poolOf(url, Math.ceil(connections / urls.length)));
  const count = Math.floor(seconds * perSecond);
  const status = new Array<number>(count).fill(NONE);
  const latencyMilliseconds = new Array<number>(count).fill(0);
  const dueMilliseconds = Array.from({ length: count }, (_, index) => (index * 1000) / perSecond);
  const answers: Promise<void>[] = [];
  const startedAt = moment();
  const start = performance.now();
  const begin = async (index: number) => {
    const request = requests[index % requests.length]!;
    status[index] = await send(pools[index % pools.length]!, load.method, request);
    latencyMilliseconds[index] = performance.now() - start - dueMilliseconds[index]!;
  };
  while (answers.length < count && !enough?.aborted) {
    const isDue = performance.now() - start >= dueMilliseconds[answers.length]!;
    if (isDue) answers.push(begin(answers.length));
    else await turn(); // spin, because a timer would be up to a millisecond late
  }
  await Promise.all(answers);
  await Promise.all(pools.map(({ pool }) => pool.destroy()));
  const begun = <T>(all: readonly T[]) => all.slice(0, answers.length);
  return {
    startedAt,
    dueMilliseconds: begun(dueMilliseconds),
    latencyMilliseconds: begun(latencyMilliseconds),
    status: begun(status),
  };
}

interface PathPool {
  readonly pool: Pool;
  readonly path: string;
}

function poolOf(url: string, connections: number): PathPool {
  const { origin, pathname, search } = new URL(url);
  const pool = new Pool(origin, {
    connections,
    connectTimeout: ANSWER_TIMEOUT_MILLISECONDS,
    headersTimeout: ANSWER_TIMEOUT_MILLISECONDS,
    bodyTimeout: ANSWER_TIMEOUT_MILLISECONDS,
  });
  return { pool, path: pathname + search };
}

/** @returns the status, or 0 without an answer */
async function send(
  { pool, path }: PathPool,
  method: OpenLoop['method'],
  { path: ownPath = path, headers, body }: LoadRequest,
): Promise<number> {
  try {
    const answer = await pool.request({
      path: ownPath,
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    await answer.body.dump();
    return answer.statusCode;
  } catch {
    return NONE; // refused, reset or timed out
  }
}
