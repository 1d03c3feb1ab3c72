/**
 * Clocks synchronized by NTP agree within milliseconds. Tokens and revocations have a resolution of one
 * second, and verifiers tolerate five.
 */
export const MAX_DIFFERENCE_MILLISECONDS = 1_000;

/** Both clocks of this process, read at the same moment, in milliseconds. */
export interface ClockReading {
  readonly wall: number;
  readonly monotonic: number;
}

/**
 * The time that this replica writes into tokens, revocations and watermarks (`iat`, `auth_time`,
 * `before`, `expires_at`).
 *
 * It starts from the last time at which this machine's clock and Postgres's agreed, and advances with
 * the monotonic clock. A leap of either clock is therefore harmless, whichever one is wrong (ADR 0031).
 * Until they have agreed once, the earlier of the two applies: a token dated in the past expires soon,
 * whereas one dated in the future would outlive its revocation.
 */
export class ServiceClock {
  #agreed: ClockReading | undefined;
  #database: ClockReading | undefined;
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

  /** {@link now} in whole seconds. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Like {@link seconds}, but the later clock until both have agreed: for times that must not end early. */
  latestSeconds(): number {
    const latest = this.#agreed
      ? this.now()
      : Math.max(this.wallNow(), this.#databaseNow() ?? -Infinity);
    return Math.floor(latest / 1000);
  }

  /** The current time by both clocks. Call it before asking Postgres for its time. */
  read(): ClockReading {
    return { wall: this.wallNow(), monotonic: this.monotonicNow() };
  }

  /**
   * Compares Postgres's time with this machine's. Postgres read its clock at some moment between
   * `asked` and now, so a slow answer does not count as a difference.
   *
   * @param time Postgres's `clock_timestamp()`, in milliseconds since 1970
   */
  compare(time: number, asked: ClockReading): void {
    const monotonic = this.monotonicNow();
    this.#database = { wall: time, monotonic };
    const latest = asked.wall + monotonic - asked.monotonic;
    this.#difference = Math.max(0, time - latest) - Math.max(0, asked.wall - time);
    if (!this.agrees) return;
    if (!this.#agreed || Math.abs(this.#at(this.#agreed) - latest) > MAX_DIFFERENCE_MILLISECONDS)
      this.#steadySince = monotonic;
    this.#agreed = asked;
  }

  /** Whether the clocks agreed at the last comparison. */
  get agrees(): boolean {
    return Math.abs(this.#difference) <= MAX_DIFFERENCE_MILLISECONDS;
  }

  /** Whether the clocks agreed at any comparison. */
  get everAgreed(): boolean {
    return this.#agreed !== undefined;
  }

  /** Postgres's lead over this machine's clock at the last comparison; negative if it is behind. */
  get databaseAheadSeconds(): number {
    return this.#difference / 1000;
  }

  /** Time since this process started or both clocks leapt together. */
  get steadySeconds(): number {
    return (this.monotonicNow() - this.#steadySince) / 1000;
  }

  #databaseNow(): number | undefined {
    return this.#database && this.#at(this.#database);
  }

  #at({ wall, monotonic }: ClockReading): number {
    return wall + this.monotonicNow() - monotonic;
  }
}
