import { CertainTime } from './certain-time.js';

/** How this machine's clock compares with an issuer's, as of the last watermark. */
export interface ClockComparison {
  /**
   * How far the issuer's clock is ahead of this one. Negative where it is behind, and by the time
   * that the watermark took to arrive.
   */
  readonly offsetSeconds: number;
  /** The issuer's clock is ahead by more than the tolerance: its new tokens are not valid yet here. */
  readonly behind: boolean;
  /**
   * `behind`, and it is this machine's clock that was set, or the two have never agreed. Otherwise
   * they agreed until the issuer's clock leapt ahead.
   */
  readonly ownFault: boolean;
}

/** The newest knowledge, and both clocks when it came. */
interface Newest {
  readonly time: number;
  readonly ageAtReceipt: number;
  readonly wall: number;
  readonly monotonic: number;
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
  #offset: number | undefined;
  readonly #certain = new CertainTime();

  /** @param toleranceMilliseconds how far the clocks may differ */
  constructor(
    private readonly now: () => number,
    private readonly monotonicNow: () => number,
    private readonly toleranceMilliseconds: number,
  ) {}

  /**
   * Takes in a watermark. One from further in the future than the tolerance changes nothing: it cannot
   * be told how old it is, and whoever kept it back could pass it off as new when its time has come.
   *
   * @param time what the watermark names, in milliseconds since 1970
   */
  advance(time: number): void {
    const wall = this.now();
    const monotonic = this.monotonicNow();
    this.#offset = time - wall;
    if (this.#offset > this.toleranceMilliseconds) return;
    const ageAtReceipt = Math.max(0, wall - time);
    if (ageAtReceipt >= this.#stalenessAt(wall, monotonic)) return;
    this.#newest = { time, ageAtReceipt, wall, monotonic };
    this.#certain.note(time, monotonic);
  }

  /** Infinity before the first watermark. */
  stalenessSeconds(): number {
    return this.#stalenessAt(this.now(), this.monotonicNow()) / 1000;
  }

  /**
   * A time, in seconds since 1970, that has certainly passed. What expires goes by it: a clock that
   * jumps ahead and back again must not have dropped what is still needed, and before the first
   * watermark there is only this machine's clock: then nothing has.
   */
  certainNowSeconds(): number {
    return Math.min(this.now(), this.#certain.at(this.monotonicNow())) / 1000;
  }

  /** Undefined before the first watermark. */
  clock(): ClockComparison | undefined {
    if (this.#offset === undefined) return undefined;
    const behind = this.#offset > this.toleranceMilliseconds;
    const ownFault = behind && !this.#ranOn();
    return { offsetSeconds: this.#offset / 1000, behind, ownFault };
  }

  /** Whether this machine's wall clock has gone on as the monotonic one since both clocks agreed. */
  #ranOn(): boolean {
    if (!this.#newest) return false;
    const { wall, monotonic } = this.#newest;
    const shift = this.now() - wall - (this.monotonicNow() - monotonic);
    return Math.abs(shift) <= this.toleranceMilliseconds;
  }

  #stalenessAt(wall: number, monotonic: number): number {
    if (!this.#newest) return Infinity;
    const byWallClock = wall - this.#newest.time;
    const byMonotonicClock = monotonic - this.#newest.monotonic + this.#newest.ageAtReceipt;
    return Math.max(0, byWallClock, byMonotonicClock);
  }
}
