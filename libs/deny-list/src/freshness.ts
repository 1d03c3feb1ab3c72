/**
 * Age of the last watermark by two clocks, of which the larger counts: the wall clock knows how long
 * this process was suspended, the monotonic clock is not fooled when the wall clock is set back.
 */
export class Freshness {
  #watermark = -Infinity;
  #receivedAt = -Infinity;
  #ageAtReceipt = 0;
  /** A moment by both clocks: the issuer's time and this process's monotonic one. */
  #anchor: { readonly time: number; readonly monotonic: number } | undefined;

  constructor(
    private readonly now: () => number,
    private readonly monotonicNow: () => number,
  ) {}

  /** @param timeMilliseconds what the watermark names, since 1970. Older ones change nothing. */
  advance(timeMilliseconds: number): void {
    if (timeMilliseconds <= this.#watermark) return;
    this.#watermark = timeMilliseconds;
    this.#receivedAt = this.monotonicNow();
    this.#ageAtReceipt = Math.max(0, this.now() - timeMilliseconds);
    this.#anchor = { time: timeMilliseconds, monotonic: this.#receivedAt };
  }

  /** Infinity before the first watermark. */
  stalenessSeconds(): number {
    if (this.#watermark === -Infinity) return Infinity;
    const byWallClock = this.now() - this.#watermark;
    const byMonotonicClock = this.monotonicNow() - this.#receivedAt + this.#ageAtReceipt;
    return Math.max(0, byWallClock, byMonotonicClock) / 1000;
  }

  /**
   * A time, in seconds since 1970, that has certainly passed. What expires goes by it: a wall clock
   * that jumps ahead and back again must not have dropped what is still needed, and before the first
   * watermark there is only that clock: then nothing has.
   */
  certainNowSeconds(): number {
    if (!this.#anchor) return 0;
    const { time, monotonic } = this.#anchor;
    return Math.min(this.now(), time + this.monotonicNow() - monotonic) / 1000;
  }
}
