const FIRST_MILLISECONDS = 500;
const LONGEST_MILLISECONDS = 5_000;

/**
 * How long to wait in milliseconds before something is tried again: twice as long as before the last attempt, up to five
 * seconds, and varied by up to a quarter, so that all pages do not come back at the same moment.
 *
 * @param attempt from 0, since it last worked
 * @param random from 0 to 1
 */
export function retryDelay(attempt: number, random = Math.random()): number {
  const delay = Math.min(FIRST_MILLISECONDS * 2 ** attempt, LONGEST_MILLISECONDS);
  return delay * (0.75 + random / 2);
}
