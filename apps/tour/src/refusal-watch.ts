import { setTimeout as delay } from 'node:timers/promises';
import { send } from './timed-request.js';

/** When one service stopped accepting a token, on this process's monotonic clock. */
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

/** Four watchers without a pause would keep the machine so busy that they delay what they measure. */
const PAUSE_MILLISECONDS = 2;
const GIVE_UP_MILLISECONDS = 30_000;

/**
 * Asks one service over and over with the same token, each request after the answer to the last,
 * until it refuses.
 *
 * @param onFirstAnswer called once the token is being watched
 */
export async function watchUntilRefused(
  { name, url }: { name: string; url: string },
  accessToken: string,
  onFirstAnswer: () => void,
): Promise<Refusal> {
  const deadline = performance.now() + GIVE_UP_MILLISECONDS;
  let acceptedAt = performance.now();
  for (let acceptedBefore = 0; performance.now() < deadline; acceptedBefore++) {
    const sentAt = performance.now();
    const { status } = await send(url, { accessToken });
    const refusedAt = performance.now();
    if (acceptedBefore === 0) onFirstAnswer();
    if (status !== 200) {
      return { name, status, refusedAt, lateByAtMost: refusedAt - acceptedAt, acceptedBefore };
    }
    acceptedAt = sentAt;
    await delay(PAUSE_MILLISECONDS);
  }
  throw new Error(`${name} still accepts the token after ${GIVE_UP_MILLISECONDS / 1000} s`);
}
