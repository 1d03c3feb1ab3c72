/**
 * Two machines that keep their clocks agree within milliseconds. Tokens and revocations are exact to
 * the second, and verifiers forgive five.
 */
export const LARGEST_DIFFERENCE_MILLISECONDS = 1_000;

/** When a question was sent, by both clocks of this process. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/**
 * The time that this replica puts on everything that leaves it: `iat`, `auth_time`, `before`,
 * `expires_at`, watermarks.
 *
 * It is the time on which this machine's clock and Postgres's last agreed, and goes on by the
 * monotonic clock. So neither of the two does any harm by leaping ahead or back, and it need not be
 * known which one is wrong (ADR 0031). While they have never agreed it is the earlier of the two: a
 * token from the past soon expires, one from the future outlives its revocation.
 */
export class ServiceClock {
  #agreed: Moment | undefined;
  #database: Moment | undefined;
  #difference = 0;
  #steadySince: number;

  constructor(
    private readonly wallNow: () => number = () => Date.now(),
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {
    this.#steadySince = monotonicNow();
  }

  /** Milliseconds since 1970. */
  now(): number {
    if (this.#agreed) return this.#at(this.#agreed);
    return Math.min(this.wallNow(), this.#databaseNow() ?? Infinity);
  }

  /** The same in whole seconds. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** The later of the two clocks while they have never agreed: for what must not end too early. */
  latestSeconds(): number {
    const latest = this.#agreed
      ? this.now()
      : Math.max(this.wallNow(), this.#databaseNow() ?? -Infinity);
    return Math.floor(latest / 1000);
  }

  /** To be called before Postgres is asked for its time. */
  moment(): Moment {
    return { wall: this.wallNow(), monotonic: this.monotonicNow() };
  }

  /**
   * Compares. What Postgres said was true at some moment between the question and now, however long
   * the answer took.
   *
   * @param time Postgres's `clock_timestamp()`, in milliseconds since 1970
   */
  compare(time: number, asked: Moment): void {
    const monotonic = this.monotonicNow();
    this.#database = { wall: time, monotonic };
    const latest = asked.wall + monotonic - asked.monotonic;
    this.#difference = Math.max(0, time - latest) - Math.max(0, asked.wall - time);
    if (!this.agrees) return;
    if (
      !this.#agreed ||
      Math.abs(this.#at(this.#agreed) - latest) > LARGEST_DIFFERENCE_MILLISECONDS
    )
      this.#steadySince = monotonic;
    this.#agreed = asked;
  }

  /** Whether the last comparison found the two clocks to agree. */
  get agrees(): boolean {
    return Math.abs(this.#difference) <= LARGEST_DIFFERENCE_MILLISECONDS;
  }

  /** Whether any comparison did. */
  get everAgreed(): boolean {
    return this.#agreed !== undefined;
  }

  /** How far Postgres's clock was ahead of this machine's at the last comparison; negative for behind. */
  get databaseAheadSeconds(): number {
    return this.#difference / 1000;
  }

  /** How long the time has not leapt: neither by a start of this process nor by both clocks together. */
  get steadySeconds(): number {
    return (this.monotonicNow() - this.#steadySince) / 1000;
  }

  #databaseNow(): number | undefined {
    return this.#database && this.#at(this.#database);
  }

  #at({ wall, monotonic }: Moment): number {
    return wall + this.monotonicNow() - monotonic;
  }
}
