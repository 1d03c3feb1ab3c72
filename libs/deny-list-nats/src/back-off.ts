/**
 * When to do again what has not helped yet, ever less often. What keeps watermarks from coming keeps
 * them from every verifier: a thousand of them must not ask at once, nor every second.
 */
export class LookAgain {
  #pause: number;
  #at = -Infinity;

  constructor(
    private readonly firstMilliseconds: number,
    private readonly lastMilliseconds: number,
  ) {
    this.#pause = firstMilliseconds;
  }

  /** Whether it is time, by `performance.now()`; the next time is then further away. */
  due(now: number): boolean {
    if (now < this.#at) return false;
    this.#at = now + this.#pause * (0.75 + Math.random() / 2);
    this.#pause = Math.min(this.#pause * 2, this.lastMilliseconds);
    return true;
  }

  /** All is well. */
  reset(): void {
    this.#pause = this.firstMilliseconds;
    this.#at = -Infinity;
  }
}
