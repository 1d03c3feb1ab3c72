import { auth } from '../calls/auth-calls.js';
import type { Answer } from '../calls/call.js';

/** A system with longer waits is not one that somebody watches. */
const LONGEST_SECONDS = 120;

/**
 * Rotates the signing key. Auth answers 409 until the next key has been published long enough, and says when to try again.
 *
 * @param onWait called each second with the seconds that remain
 */
export async function rotateWhenPublished(
  token: string,
  onWait: (seconds: number) => void,
): Promise<Answer> {
  for (;;) {
    const answer = await auth.rotateKey(token);
    const seconds = Number(answer.headers.get('retry-after'));
    if (answer.status !== 409 || !(seconds > 0 && seconds <= LONGEST_SECONDS)) return answer;
    for (let left = seconds; left > 0; left--) {
      onWait(left);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}
