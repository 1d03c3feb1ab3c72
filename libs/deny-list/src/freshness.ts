import { CertainTime } from './certain-time.js';
import { IssuerClock, type ClockComparison, type Moment } from './issuer-clock.js';

/** The watermark that makes the list youngest, and both clocks when it was received. */
interface Newest extends Moment {
  readonly time: number;
  readonly ageAtReceipt: number;
}

/**
 * How old the knowledge about one issuer is: the age of the newest watermark by the wall clock or by
 * the monotonic clock, whichever is larger. The wall clock covers the time that a process was
 * suspended; the monotonic clock covers a wall clock that was set back.
 *
 * The newest watermark is the one that makes the list youngest, not the one with the latest time.
 * Otherwise a watermark from the future would remain the newest for as long as the issuer's clock
 * had been ahead.
 */
export class Freshness {
  #newest: Newest | undefined;
  readonly #certain = new CertainTime();
  readonly #clock: IssuerClock;

  /** @param toleranceMilliseconds how far the clocks may differ */
  constructor(
    private readonly now: () => number,
    private readonly monotonicNow: () => number,
    private readonly toleranceMilliseconds: number,
  ) {
    this.#clock = new IssuerClock(toleranceMilliseconds);
  }

  /**
   * Applies a satisfied watermark. One from further in the future than the tolerance is ignored: its
   * age is unknown, and a broker could hold it back to pass it off as new later.
   *
   * @param time the watermark's time, in milliseconds since 1970
   * @param signedAt when it was signed, in milliseconds since 1970; not before `time`
   */
  advance(time: number, signedAt: number): void {
    const moment = this.#moment();
    const { wall, monotonic } = moment;
    this.#clock.hear(signedAt, moment);
    if (time - wall > this.toleranceMilliseconds) return;
    const ageAtReceipt = Math.max(0, wall - time);
    if (ageAtReceipt >= this.#stalenessAt(moment)) return;
    this.#newest = { time, ageAtReceipt, wall, monotonic };
    this.#certain.note(time, monotonic);
  }

  /** Infinity before the first watermark. */
  stalenessSeconds(): number {
    return this.#stalenessAt(this.#moment()) / 1000;
  }

  /**
   * A time, in seconds since 1970, that has certainly passed; entries expire by it. A clock that
   * leaps ahead and back must not drop entries that are still needed. Before the first watermark only
   * this machine's clock is known, so nothing expires.
   */
  certainNowSeconds(): number {
    return Math.min(this.now(), this.#certain.at(this.monotonicNow())) / 1000;
  }

  /** Undefined while it is unknown. */
  clock(): ClockComparison | undefined {
    return this.#clock.comparison(this.#moment());
  }

  #moment(): Moment {
    return { wall: this.now(), monotonic: this.monotonicNow() };
  }

  #stalenessAt({ wall, monotonic }: Moment): number {
    if (!this.#newest) return Infinity;
    const byWallClock = wall - this.#newest.time;
    const byMonotonicClock = monotonic - this.#newest.monotonic + this.#newest.ageAtReceipt;
    return Math.max(0, byWallClock, byMonotonicClock);
  }
}
