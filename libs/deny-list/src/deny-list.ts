import type { Revocation, RevocationKind, Watermark } from '@latchkey/contracts';
import type { ClockComparison } from './issuer-clock.js';
import type { TokenIdentity } from './token-identity.js';
import { Freshness } from './freshness.js';
import { IssuerDenyList } from './issuer-deny-list.js';
import { PreparedLookup } from './prepared-lookup.js';

const DEFAULT_CLOCK_TOLERANCE_SECONDS = 5;

/** The part of a watermark that describes the revocations; the rest describes the stream. */
export type KnownUntil = Pick<
  Watermark,
  'issuer' | 'timeMilliseconds' | 'serials' | 'revokedKeys'
> &
  Partial<Pick<Watermark, 'issuedAt'>>;

/** The clock tolerance of a deny-list and, for tests, its clocks. */
export interface DenyListOptions {
  /**
   * How far this machine's clock may differ from the issuer's; use the verifier's tolerance.
   * Entries are kept this much longer than their tokens live, because verifiers accept tokens for
   * that much longer, and a watermark from further in the future does not make the list fresher.
   * Default: 5.
   */
  readonly clockToleranceSeconds?: number;
  /** The wall clock, in milliseconds since the epoch; for tests. Default: `Date.now`. */
  readonly now?: () => number;
  /** A clock that is never set, in milliseconds; for tests. Default: `performance.now`. */
  readonly monotonicNow?: () => number;
}

/**
 * The revocations that can still match an unexpired token, in memory, and how fresh they are.
 *
 * Entries are keyed by issuer and by session, token, key, or by subject or client before a time;
 * never by the token itself. A new list is empty and *not loaded*, because an empty list does not
 * mean that nobody has logged out.
 */
export class DenyList {
  readonly #issuers = new Map<string, IssuerDenyList>();
  readonly #now: () => number;
  readonly #monotonicNow: () => number;
  readonly #tolerance: number;
  #loaded = false;

  constructor(options: DenyListOptions = {}) {
    this.#now = options.now ?? (() => Date.now());
    this.#monotonicNow = options.monotonicNow ?? (() => performance.now());
    this.#tolerance = options.clockToleranceSeconds ?? DEFAULT_CLOCK_TOLERANCE_SECONDS;
  }

  /** Whether the list has been filled once. Verifiers must not rely on it before that. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Called by the feed once it has applied every earlier revocation. */
  markLoaded(): void {
    this.#loaded = true;
  }

  /** Called by the feed when verifiers must not rely on the list until it is filled again. */
  markUnloaded(): void {
    this.#loaded = false;
  }

  /** Number of entries, including expired ones that have not been dropped yet. */
  get size(): number {
    let size = 0;
    for (const list of this.#issuers.values()) size += list.size;
    return size;
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
   * @param serial the revocation's number, if its event carried one that can be counted
   * @throws TypeError if a time is not a number, because such an entry would refuse nothing
   */
  apply(revocation: Revocation, serial?: number): void {
    requireTime('expiresAt', revocation.expiresAt);
    if ('before' in revocation) requireTime('before', revocation.before);
    const list = this.#of(revocation.issuer);
    list.apply(revocation, revocation.expiresAt + this.#tolerance);
    if (serial !== undefined) list.serials.add(serial);
  }

  /** Allocates room for this many more revocations at once, instead of growing step by step. */
  reserve(issuer: string, counts: Readonly<Record<RevocationKind, number>>): void {
    this.#of(issuer).reserve(counts);
  }

  /**
   * Applies a watermark: the issuer's statement of what was revoked before a given time. It makes
   * the list fresher only if every revocation that it names has been applied, and it is not from
   * the future.
   *
   * @returns how many revocations are missing
   */
  applyWatermark({ issuer, serials, revokedKeys, ...times }: KnownUntil): number {
    const { timeMilliseconds, issuedAt = 0 } = times;
    const list = this.#of(issuer);
    for (const { keyId, expiresAt } of revokedKeys) {
      requireTime('expiresAt', expiresAt);
      list.revokeKey(keyId, expiresAt + this.#tolerance);
    }
    const missing = list.serials.settle(serials);
    if (missing > 0) return missing;
    list.freshness.advance(timeMilliseconds, Math.max(timeMilliseconds, issuedAt * 1000));
    list.expire();
    return 0;
  }

  /**
   * Called by the feed when numbers may be assigned anew: forgets which numbers were applied, and
   * keeps every entry.
   */
  restartSerials(): void {
    for (const { serials } of this.#issuers.values()) serials.restart();
  }

  /** The number up to which none of the issuer's revocations is missing; -1 before a watermark. */
  appliedThrough(issuer: string): number {
    return this.#issuers.get(issuer)?.serials.through ?? -1;
  }

  /**
   * Waits until every revocation up to `serial` is applied.
   *
   * @returns false if that takes longer than `withinMilliseconds`
   */
  waitForSerial(issuer: string, serial: number, withinMilliseconds: number): Promise<boolean> {
    return this.#of(issuer).serials.waitForSerial(serial, withinMilliseconds);
  }

  /** Whether a revocation matches this token. */
  isRevoked(token: TokenIdentity): boolean {
    const list = this.#issuers.get(token.issuer);
    return list !== undefined && new PreparedLookup(list, token).isRevoked();
  }

  /**
   * Prepares repeated look-ups of one token, for callers that see the token more than once: its
   * names are hashed only once. The answer is always current.
   */
  prepare(token: TokenIdentity): { isRevoked(): boolean } {
    return new PreparedLookup(this.#of(token.issuer), token);
  }

  /** Age of the newest satisfied watermark of this issuer; Infinity before the first. */
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
      const freshness = new Freshness(this.#now, this.#monotonicNow, this.#tolerance * 1000);
      list = new IssuerDenyList(freshness);
      this.#issuers.set(issuer, list);
    }
    return list;
  }
}

function requireTime(name: string, seconds: number): void {
  if (typeof seconds !== 'number' || Number.isNaN(seconds)) {
    throw new TypeError(`${name} must be a time in seconds since the epoch`);
  }
}
