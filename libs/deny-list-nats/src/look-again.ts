const FIRST_MILLISECONDS = 1_000;
const LAST_MILLISECONDS = 15_000;

/**
 * When to look at the stream again although nothing says that there is anything new. What keeps
 * watermarks from coming keeps them from every verifier: a thousand of them must not ask at once,
 * nor every second.
 */
export class LookAgain {
  #pause = FIRST_MILLISECONDS;
  #at = -Infinity;

  /** Whether it is time, by `performance.now()`; the next time is then further away. */
  due(now: number): boolean {
    if (now < this.#at) return false;
    this.#at = now + this.#pause * (0.75 + Math.random() / 2);
    this.#pause = Math.min(this.#pause * 2, LAST_MILLISECONDS);
    return true;
  }

  /** All is well. */
  reset(): void {
    this.#pause = FIRST_MILLISECONDS;
    this.#at = -Infinity;
  }
}
