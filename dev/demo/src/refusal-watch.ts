import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoint } from './protected-routes.js';
import { send, type Request } from './timed-request.js';

/** When one service stopped accepting a token or a cookie, on this process's monotonic clock. */
export interface Refusal {
  readonly name: string;
  readonly status: number;
  /** When the first refusing answer was here. */
  readonly refusedAt: number;
  /** Milliseconds between sending the last request that was accepted and `refusedAt`. */
  readonly lateByAtMost: number;
  /** How many requests were accepted before. */
  readonly acceptedBefore: number;
}

/** Watchers without a pause would keep the machine so busy that they delay what they measure. */
const PAUSE_MILLISECONDS = 2;
const GIVE_UP_MILLISECONDS = 30_000;

/** Services that are being asked over and over. */
export interface RefusalWatch {
  /** Every one has answered once. */
  readonly started: Promise<unknown>;
  /** Every one has refused. */
  readonly refused: Promise<Refusal[]>;
}

/** Asks each service over and over with the same credentials, until it refuses. */
export function watchUntilRefused(endpoints: readonly Endpoint[], request: Request): RefusalWatch {
  const watches = endpoints.map((endpoint) => {
    let onFirstAnswer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (onFirstAnswer = resolve));
    const refused = watchOne(endpoint, request, onFirstAnswer);
    return { refused, started: Promise.race([answered, refused]) };
  });
  return {
    started: Promise.all(watches.map(({ started }) => started)),
    refused: Promise.all(watches.map(({ refused }) => refused)),
  };
}

/** Each request is sent after the answer to the last. */
async function watchOne(
  { name, url }: Endpoint,
  request: Request,
  onFirstAnswer: () => void,
): Promise<Refusal> {
  const deadline = performance.now() + GIVE_UP_MILLISECONDS;
  let acceptedAt = performance.now();
  for (let acceptedBefore = 0; performance.now() < deadline; acceptedBefore++) {
    const sentAt = performance.now();
    const { status } = await send(url, request);
    const refusedAt = performance.now();
    if (acceptedBefore === 0) onFirstAnswer();
    if (status !== 200) {
      return { name, status, refusedAt, lateByAtMost: refusedAt - acceptedAt, acceptedBefore };
    }
    acceptedAt = sentAt;
    await delay(PAUSE_MILLISECONDS);
  }
  throw new Error(`${name} still accepts it after ${GIVE_UP_MILLISECONDS / 1000} s`);
}
