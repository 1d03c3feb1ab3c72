import { CertainTime } from './certain-time.js';
import { IssuerClock, type ClockComparison, type Moment } from './issuer-clock.js';

/** The newest knowledge, and both clocks when it came. */
interface Newest extends Moment {
  readonly time: number;
  readonly ageAtReceipt: number;
}

/**
 * Age of the newest watermark by two clocks, of which the larger counts: the wall clock knows how long
 * this process was suspended, the monotonic clock is not fooled when the wall clock is set back.
 *
 * The newest is the one that makes the knowledge youngest by these clocks, not the one with the latest
 * time: a watermark from the future would be that for as long as the issuer's clock was ahead.
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
   * Takes in a watermark. One from further in the future than the tolerance changes nothing: it cannot
   * be told how old it is, and whoever kept it back could pass it off as new when its time has come.
   *
   * @param time what the watermark names, in milliseconds since 1970
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
   * A time, in seconds since 1970, that has certainly passed. What expires goes by it: a clock that
   * jumps ahead and back again must not have dropped what is still needed, and before the first
   * watermark there is only this machine's clock: then nothing has.
   */
  certainNowSeconds(): number {
    return Math.min(this.now(), this.#certain.at(this.monotonicNow())) / 1000;
  }

  /** Undefined while it is not known. */
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
