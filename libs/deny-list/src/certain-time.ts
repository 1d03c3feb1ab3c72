/**
 * Longer than any revocation but that of a key is kept. After so long on the monotonic clock,
 * everything that was alive before a leap of the issuer's clock has expired whatever that clock says.
 */
const HELD_MILLISECONDS = 3_600_000;

/**
 * The issuer's time as it has certainly passed: the slowest course of its clock, beside the monotonic
 * clock of this process, that was seen within the last hour or two. So a clock that leaps ahead and
 * back, on one machine or on all, makes nothing expire that is needed afterwards.
 */
export class CertainTime {
  /** Time of the issuer minus monotonic time: the lowest of this hour and of the one before. */
  #lowest = Infinity;
  #lowestBefore = Infinity;
  #since = -Infinity;

  /** Notes what the issuer's clock said at a moment of the monotonic clock, in milliseconds. */
  note(time: number, monotonic: number): void {
    if (monotonic - this.#since > HELD_MILLISECONDS) {
      this.#lowestBefore = this.#lowest;
      this.#lowest = Infinity;
      this.#since = monotonic;
    }
    this.#lowest = Math.min(this.#lowest, time - monotonic);
  }

  /** Milliseconds since 1970; 0 before anything was noted. */
  at(monotonic: number): number {
    const lowest = Math.min(this.#lowest, this.#lowestBefore);
    return lowest === Infinity ? 0 : lowest + monotonic;
  }
}
