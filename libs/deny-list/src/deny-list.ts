import type { Revocation, RevocationKind, Watermark } from '@latchkey/contracts';
import {
  aFunction,
  nonEmptyString,
  nonNegativeInteger,
  nonNegativeSeconds,
  option,
  optional,
} from '@latchkey/contracts/options';
import { checkRevocation, checkToken, checkWatermark, milliseconds } from './arguments.js';
import { Freshness } from './freshness.js';
import type { ClockComparison } from './issuer-clock.js';
import { IssuerDenyList } from './issuer-deny-list.js';
import { PreparedLookup } from './prepared-lookup.js';
import type { TokenIdentity } from './token-identity.js';

const DEFAULT_CLOCK_TOLERANCE_SECONDS = 5;

/** The part of a watermark that is about revocations; the rest of it is about the stream. */
export type WatermarkStatement = Pick<
  Watermark,
  'issuer' | 'timeMilliseconds' | 'serials' | 'revokedKeys'
> &
  Partial<Pick<Watermark, 'issuedAt'>>;

/** The clock tolerance of a deny-list and, for tests, its clocks. */
export interface DenyListOptions {
  /**
   * How far this machine's clock may differ from the issuer's: a finite, non-negative number of
   * seconds. Verifiers accept tokens for this long after they expire, and the list keeps their
   * revocations for as long, so both need the same value. A watermark from further in the future
   * does not make the list fresher. Default: 5.
   */
  readonly clockToleranceSeconds?: number;
  /** The wall clock, in milliseconds since 1970; for tests. Default: `Date.now`. */
  readonly now?: () => number;
  /** A clock that is never set, in milliseconds; for tests. Default: `performance.now`. */
  readonly monotonicNow?: () => number;
}

/**
 * The revocations that can still match an unexpired token, in memory, and how fresh they are.
 *
 * Entries are keyed by issuer and by session id, token id (`jti`), key id, or by subject or client with a
 * time; never by the token string. A new list is empty and *not loaded*, because an empty list does not
 * mean that nobody has logged out.
 */
export class DenyList {
  readonly #issuers = new Map<string, IssuerDenyList>();
  readonly #now: () => number;
  readonly #monotonicNow: () => number;
  readonly #tolerance: number;
  #loaded = false;

  /** @throws TypeError that names the invalid option */
  constructor({ clockToleranceSeconds, now, monotonicNow }: DenyListOptions = {}) {
    const clock = aFunction<() => number>();
    this.#now = option('now', now, clock, () => Date.now());
    this.#monotonicNow = option('monotonicNow', monotonicNow, clock, () => performance.now());
    this.#tolerance = option(
      'clockToleranceSeconds',
      clockToleranceSeconds,
      nonNegativeSeconds,
      DEFAULT_CLOCK_TOLERANCE_SECONDS,
    );
  }

  /** Whether the list has been filled once. Verifiers must not rely on it before that. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Called by the feed, not by applications, once it has applied every earlier revocation. */
  markLoaded(): void {
    this.#loaded = true;
  }

  /** Number of entries, including expired ones that have not been dropped yet. */
  get size(): number {
    let size = 0;
    for (const list of this.#issuers.values()) size += list.size;
    return size;
  }

  /** Number of entries of one issuer by kind, including expired ones that have not been dropped yet. */
  sizes(issuer: string): Readonly<Record<RevocationKind, number>> {
    return (
      this.#issuers.get(issuer)?.sizes ?? { session: 0, token: 0, subject: 0, client: 0, key: 0 }
    );
  }

  /** Memory used by the entries, in bytes: 23 to 34 for each. */
  get bytes(): number {
    let bytes = 0;
    for (const list of this.#issuers.values()) bytes += list.bytes;
    return bytes;
  }

  /**
   * Adds a revocation. Revocations may be added in any order and more than once; none is ever
   * taken back.
   *
   * @param serial the revocation's serial number. Omit it for a revocation whose number must not count
   *   as applied, as for one that arrived out of order and will be read again
   * @throws TypeError that names the invalid argument. An entry with a time that is not a number would
   *   revoke nothing
   */
  apply(revocation: Revocation, serial?: number): void {
    checkRevocation(revocation);
    optional('serial', serial, nonNegativeInteger);
    const list = this.#of(revocation.issuer);
    list.apply(revocation, revocation.expiresAt + this.#tolerance);
    if (serial !== undefined) list.serials.add(serial);
  }

  /**
   * Called by the feed before it applies a snapshot: allocates room for this many more revocations in
   * one step, instead of growing gradually.
   */
  reserve(issuer: string, counts: Readonly<Record<RevocationKind, number>>): void {
    for (const [kind, count] of Object.entries(counts))
      option(`counts.${kind}`, count, nonNegativeInteger);
    this.#of(issuer).reserve(counts);
  }

  /**
   * Applies a watermark: the issuer's statement of which serial numbers it gave to the revocations
   * before a given time. The watermark makes the list fresher only if all of them have been applied, and
   * the time is not in the future.
   *
   * @returns how many revocations are missing
   * @throws TypeError that names the invalid argument
   */
  applyWatermark(watermark: WatermarkStatement): number {
    checkWatermark(watermark);
    const { issuer, serials, revokedKeys, timeMilliseconds, issuedAt = 0 } = watermark;
    const list = this.#of(issuer);
    for (const { keyId, expiresAt } of revokedKeys)
      list.revokeKey(keyId, expiresAt + this.#tolerance);
    const missing = list.serials.settle(serials);
    if (missing > 0) return missing;
    list.freshness.advance(timeMilliseconds, Math.max(timeMilliseconds, issuedAt * 1000));
    list.expire();
    return 0;
  }

  /**
   * Called by the feed, not by applications, when the issuer may assign serial numbers anew: forgets
   * which numbers were applied, and keeps every entry.
   */
  restartSerials(): void {
    for (const { serials } of this.#issuers.values()) serials.restart();
  }

  /** The serial number up to which none of the issuer's revocations is missing; -1 before a watermark. */
  appliedThrough(issuer: string): number {
    return this.#issuers.get(issuer)?.serials.through ?? -1;
  }

  /**
   * Waits until every revocation up to the serial number `serial` is applied.
   *
   * @returns false if that takes longer than `withinMilliseconds`
   */
  waitForSerial(issuer: string, serial: number, withinMilliseconds: number): Promise<boolean> {
    option('serial', serial, nonNegativeInteger);
    option('withinMilliseconds', withinMilliseconds, milliseconds);
    return this.#of(issuer).serials.waitForSerial(serial, withinMilliseconds);
  }

  /** Whether a revocation matches this token. */
  isRevoked(token: TokenIdentity): boolean {
    checkToken(token);
    const list = this.#issuers.get(token.issuer);
    return list !== undefined && new PreparedLookup(list, token).isRevoked();
  }

  /**
   * Prepares repeated look-ups of one token, for callers that see the token more than once: its
   * identifiers are hashed only once. The answer is always current.
   */
  prepare(token: TokenIdentity): { isRevoked(): boolean } {
    checkToken(token);
    return new PreparedLookup(this.#of(token.issuer), token);
  }

  /** The age of the issuer's newest watermark that the list satisfies; Infinity before the first. */
  stalenessSeconds(issuer: string): number {
    return this.#issuers.get(issuer)?.freshness.stalenessSeconds() ?? Infinity;
  }

  /** How this machine's clock compares with the issuer's; undefined while that is unknown. */
  clock(issuer: string): ClockComparison | undefined {
    return this.#issuers.get(issuer)?.freshness.clock();
  }

  /** How far the issuer's clock is ahead of this machine's; undefined while that is unknown. */
  clockOffsetSeconds(issuer: string): number | undefined {
    return this.clock(issuer)?.offsetSeconds;
  }

  #of(issuer: string): IssuerDenyList {
    let list = this.#issuers.get(issuer);
    if (!list) {
      option('issuer', issuer, nonEmptyString);
      const freshness = new Freshness(this.#now, this.#monotonicNow, this.#tolerance * 1000);
      list = new IssuerDenyList(freshness);
      this.#issuers.set(issuer, list);
    }
    return list;
  }
}
