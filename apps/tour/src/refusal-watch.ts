import { send } from './timed-request.js';

/** When one service stopped accepting a token, on this process's monotonic clock. */
export interface Refusal {
  readonly name: string;
  readonly status: number;
  /** When the first refusing answer was here. */
  readonly refusedAt: number;
  /** When the last request that was still accepted was sent; undefined if none was. */
  readonly lastAcceptedSentAt: number | undefined;
  readonly requests: number;
}

const GIVE_UP_MILLISECONDS = 30_000;

/**
 * Asks one service over and over with the same token, each request after the answer to the last,
 * until it refuses. The measured time is late by one request at most.
 */
export async function watchUntilRefused(
  name: string,
  url: string,
  accessToken: string,
  onFirstAnswer: () => void,
): Promise<Refusal> {
  const deadline = performance.now() + GIVE_UP_MILLISECONDS;
  let lastAcceptedSentAt: number | undefined;
  for (let requests = 1; performance.now() < deadline; requests++) {
    const sentAt = performance.now();
    const { status } = await send(url, { accessToken });
    onFirstAnswer();
    if (status !== 200) {
      return { name, status, refusedAt: performance.now(), lastAcceptedSentAt, requests };
    }
    lastAcceptedSentAt = sentAt;
  }
  throw new Error(`${name} still accepts the token after ${GIVE_UP_MILLISECONDS / 1000} s`);
}
