/** How this machine's clock compares with an issuer's. */
export interface ClockComparison {
  /** How far the issuer's clock is ahead of this one; negative where it is behind. */
  readonly offsetSeconds: number;
  /** The issuer's clock is ahead by more than the tolerance: its new tokens are not valid yet here. */
  readonly behind: boolean;
  /** The issuer's clock is behind by more than the tolerance: its tokens expire early here. */
  readonly ahead: boolean;
  /**
   * `behind` or `ahead`, and it is this machine's clock that was set, or the two have never agreed.
   * Otherwise they agreed until the issuer's clock leapt.
   */
  readonly ownFault: boolean;
}

/** One moment by both clocks of this machine, in milliseconds. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/** The last watermark of a second of the monotonic clock. */
interface Heard {
  readonly second: number;
  readonly time: number;
  /** The issuer's time minus the monotonic time. This machine's wall clock has no part in it. */
  readonly lead: number;
}

const REMEMBERED_SECONDS = 10;
const STEADY_SECONDS = 5;
/** How late a watermark may be and still count as new. */
const LATE_MILLISECONDS = 1_000;

/**
 * Compares this machine's clock with an issuer's, by when watermarks were signed. They can be late and
 * never early, so the least late one of the last ten seconds counts. One from the future proves at once
 * that this clock is behind. A late one proves nothing: it may have waited on the stream while the issuer
 * was away. Lateness varies, whereas the error of a clock does not, so this clock counts as ahead once
 * watermarks of five seconds were late by the same amount.
 */
export class IssuerClock {
  #heard: readonly Heard[] = [];
  #compared: (Moment & { readonly offset: number }) | undefined;
  #agreed: Moment | undefined;

  /** @param tolerance how far the clocks may differ, in milliseconds */
  constructor(private readonly tolerance: number) {}

  /** Takes in when a watermark was signed. */
  hear(time: number, now: Moment): void {
    const second = Math.floor(now.monotonic / 1000);
    const heard = this.#heard.filter((each) => second - each.second < REMEMBERED_SECONDS);
    const last = heard.at(-1);
    // The stream is read again, or an old watermark is replayed.
    if (last && time <= last.time) return;
    if (last?.second === second) heard.pop();
    heard.push({ second, time, lead: time - now.monotonic });
    this.#heard = heard;
    this.#compare(now);
  }

  /** Undefined while nothing is known. What was found out holds until this machine's clock is set. */
  comparison(now: Moment): ClockComparison | undefined {
    if (!this.#compared || !this.#ranOn(this.#compared, now)) return undefined;
    const { offset } = this.#compared;
    const { behind, ahead } = this.#judge(offset);
    const ownFault = (behind || ahead) && !(this.#agreed && this.#ranOn(this.#agreed, now));
    return { offsetSeconds: offset / 1000, behind, ahead, ownFault };
  }

  #compare(now: Moment): void {
    const lead = Math.max(...this.#heard.map((each) => each.lead));
    const offset = lead + now.monotonic - now.wall;
    const steady = this.#heard.filter((each) => lead - each.lead < LATE_MILLISECONDS);
    if (offset < -LATE_MILLISECONDS && steady.length < STEADY_SECONDS) return;
    this.#compared = { offset, ...now };
    const { behind, ahead } = this.#judge(offset);
    if (!behind && !ahead) this.#agreed = now;
  }

  /** A negative offset may be no more than the time that a watermark took. */
  #judge(offset: number): { behind: boolean; ahead: boolean } {
    return {
      behind: offset > this.tolerance,
      ahead: -offset > Math.max(this.tolerance, LATE_MILLISECONDS),
    };
  }

  /** Whether this machine's wall clock has gone on as its monotonic clock since then. */
  #ranOn({ wall, monotonic }: Moment, now: Moment): boolean {
    const set = now.wall - wall - (now.monotonic - monotonic);
    return Math.abs(set) <= Math.max(this.tolerance, LATE_MILLISECONDS);
  }
}
