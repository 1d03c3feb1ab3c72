/**
 * Longer than any revocation lives, except that of a key. After this long on the monotonic clock,
 * everything that was live before a leap of the issuer's clock has expired by any clock.
 */
const WINDOW_MILLISECONDS = 3_600_000;

/**
 * A lower bound of the issuer's time: the slowest its clock has run against this process's monotonic
 * clock within the last one to two hours. Clocks that leap ahead and back, on one machine or on all
 * of them, therefore expire nothing that is still needed.
 */
export class CertainTime {
  /** The lowest issuer time minus monotonic time, in the current window and in the one before. */
  #lowest = Infinity;
  #lowestBefore = Infinity;
  #windowStart = -Infinity;

  /** Records the issuer's time at a moment of the monotonic clock; both in milliseconds. */
  note(time: number, monotonic: number): void {
    if (monotonic - this.#windowStart > WINDOW_MILLISECONDS) {
      this.#lowestBefore = this.#lowest;
      this.#lowest = Infinity;
      this.#windowStart = monotonic;
    }
    this.#lowest = Math.min(this.#lowest, time - monotonic);
  }

  /** Milliseconds since 1970; 0 until a time was recorded. */
  at(monotonic: number): number {
    const lowest = Math.min(this.#lowest, this.#lowestBefore);
    return lowest === Infinity ? 0 : lowest + monotonic;
  }
}
