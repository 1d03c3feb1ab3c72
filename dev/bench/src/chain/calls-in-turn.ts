import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';

/** One HTTP request. */
export interface TimedCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Makes it a POST. */
  readonly body?: string;
}

/**
 * Sends one request after another over kept connections.
 *
 * @returns microseconds from each request to the end of its answer
 * @throws Error unless each is answered with 200
 */
export async function timeInTurn(calls: readonly TimedCall[]): Promise<number[]> {
  const agent = new Agent({ keepAlive: true });
  const microseconds: number[] = [];
  try {
    for (const call of calls) {
      const start = performance.now();
      await send(call, agent);
      microseconds.push((performance.now() - start) * 1000);
    }
  } finally {
    agent.destroy();
  }
  return microseconds;
}

async function send({ url, headers, body }: TimedCall, agent: Agent): Promise<void> {
  const sent = request(url, { agent, headers, method: body === undefined ? 'GET' : 'POST' });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`${url} responded with ${response.statusCode}`);
}
