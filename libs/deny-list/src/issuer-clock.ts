/** How this machine's clock compares with an issuer's. */
export interface ClockComparison {
  /** How far the issuer's clock is ahead of this machine's; negative if it is behind. */
  readonly offsetSeconds: number;
  /** This clock is behind by more than the tolerance: new tokens are not valid here yet. */
  readonly behind: boolean;
  /** This clock is ahead by more than the tolerance: tokens expire here too early. */
  readonly ahead: boolean;
  /**
   * `behind` or `ahead`, and either this machine's clock was set or the two have never agreed.
   * False if they agreed until the issuer's clock leapt.
   */
  readonly localClockWrong: boolean;
}

/** One moment by both clocks of this machine, in milliseconds. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/** The last watermark received within one second of the monotonic clock. */
interface Sample {
  readonly second: number;
  readonly time: number;
  /** The issuer's time minus the monotonic time, which leaves this machine's wall clock out. */
  readonly lead: number;
}

const SAMPLE_SECONDS = 10;
const STEADY_SECONDS = 5;
/** How late a watermark may be and still count as on time. */
const LATE_MILLISECONDS = 1_000;

/**
 * Compares this machine's clock with an issuer's, using the times at which watermarks were signed.
 *
 * A watermark can arrive late but never early, so the least late one of the last ten seconds counts.
 * One from the future proves that this clock is behind. A late one proves nothing, because it may
 * have waited on the stream; but such delays vary and a clock error does not, so this clock counts as
 * ahead once the watermarks of five seconds were late by the same amount.
 */
export class IssuerClock {
  #samples: readonly Sample[] = [];
  #compared: (Moment & { readonly offset: number }) | undefined;
  #agreed: Moment | undefined;

  /** @param tolerance how far the clocks may differ, in milliseconds */
  constructor(private readonly tolerance: number) {}

  /** Adds a watermark by the time at which it was signed. */
  hear(time: number, now: Moment): void {
    const second = Math.floor(now.monotonic / 1000);
    const samples = this.#samples.filter((each) => second - each.second < SAMPLE_SECONDS);
    const last = samples.at(-1);
    // The stream is being read again, or an old watermark is replayed.
    if (last && time <= last.time) return;
    if (last?.second === second) samples.pop();
    samples.push({ second, time, lead: time - now.monotonic });
    this.#samples = samples;
    this.#compare(now);
  }

  /** The last finding, until this machine's clock is set; undefined while nothing is known. */
  comparison(now: Moment): ClockComparison | undefined {
    if (!this.#compared || !this.#wasNotSetSince(this.#compared, now)) return undefined;
    const { offset } = this.#compared;
    const { behind, ahead } = this.#judge(offset);
    const localClockWrong =
      (behind || ahead) && !(this.#agreed && this.#wasNotSetSince(this.#agreed, now));
    return { offsetSeconds: offset / 1000, behind, ahead, localClockWrong };
  }

  #compare(now: Moment): void {
    const lead = Math.max(...this.#samples.map((each) => each.lead));
    const offset = lead + now.monotonic - now.wall;
    const steady = this.#samples.filter((each) => lead - each.lead < LATE_MILLISECONDS);
    if (offset < -LATE_MILLISECONDS && steady.length < STEADY_SECONDS) return;
    this.#compared = { offset, ...now };
    const { behind, ahead } = this.#judge(offset);
    if (!behind && !ahead) this.#agreed = now;
  }

  /** A small negative offset may be just the time that a watermark took to arrive. */
  #judge(offset: number): { behind: boolean; ahead: boolean } {
    return {
      behind: offset > this.tolerance,
      ahead: -offset > Math.max(this.tolerance, LATE_MILLISECONDS),
    };
  }

  /** Whether this machine's wall clock has kept pace with its monotonic clock since then. */
  #wasNotSetSince({ wall, monotonic }: Moment, now: Moment): boolean {
    const leap = now.wall - wall - (now.monotonic - monotonic);
    return Math.abs(leap) <= Math.max(this.tolerance, LATE_MILLISECONDS);
  }
}
