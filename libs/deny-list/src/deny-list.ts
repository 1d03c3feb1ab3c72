import type { Revocation, RevocationKind, Watermark } from '@latchkey/contracts';
import type { ClockComparison } from './issuer-clock.js';
import { Freshness } from './freshness.js';
import { IssuerDenyList } from './issuer-deny-list.js';
import { PreparedLookup } from './prepared-lookup.js';

const DEFAULT_CLOCK_TOLERANCE_SECONDS = 5;

/** What identifies a token to the deny-list. */
export interface TokenIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly clientId?: string;
  readonly tokenId?: string;
  readonly sessionId?: string;
  /** `iat`, NumericDate in seconds. */
  readonly issuedAt: number;
  readonly keyId: string;
}

/** The part of a watermark that is about revocations; the rest is about their carrier. */
export type KnownUntil = Pick<
  Watermark,
  'issuer' | 'timeMilliseconds' | 'serials' | 'revokedKeys'
> &
  Partial<Pick<Watermark, 'issuedAt'>>;

/** Clocks are for tests. The tolerance has to be that of the verifiers that ask. */
export interface DenyListOptions {
  /**
   * Entries outlive their tokens by this, as verifiers accept tokens that much too long; and a
   * watermark from further in the future than this makes the list no fresher. Default 5.
   */
  readonly clockToleranceSeconds?: number;
  /** Now, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** A clock that is never set, in milliseconds. Default `performance.now`. */
  readonly monotonicNow?: () => number;
}

/**
 * The revocations that can still match an unexpired token, and how fresh that knowledge is.
 *
 * Keyed by issuer and by session, token, key, or subject and client before a time; never by the
 * text of a token. It starts empty and *not loaded*: an empty list is not "nobody logged out".
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

  /** Whether it has been filled once; until then nothing may be judged by it. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** For the feed: everything that was revoked before now has been applied. */
  markLoaded(): void {
    this.#loaded = true;
  }

  /** For the feed: nothing may be judged by this list until it has been filled again. */
  markUnloaded(): void {
    this.#loaded = false;
  }

  /** Entries held, expired ones that were not dropped yet included. */
  get size(): number {
    let size = 0;
    for (const list of this.#issuers.values()) size += list.size;
    return size;
  }

  /** Memory that the entries take, in bytes: 23 to 34 for each. */
  get bytes(): number {
    let bytes = 0;
    for (const list of this.#issuers.values()) bytes += list.bytes;
    return bytes;
  }

  /**
   * Takes in a revocation. In any order, any number of times: nothing is ever taken back.
   *
   * @param serial its number among those of its issuer, if what carried it says so
   * @throws TypeError for a time that is no number, which would refuse nothing
   */
  apply(revocation: Revocation, serial?: number): void {
    requireTime('expiresAt', revocation.expiresAt);
    if ('before' in revocation) requireTime('before', revocation.before);
    const list = this.#of(revocation.issuer);
    list.apply(revocation, revocation.expiresAt + this.#tolerance);
    if (serial !== undefined) list.serials.add(serial);
  }

  /** Makes room for so many revocations more of an issuer, without growing to it step by step. */
  reserve(issuer: string, counts: Readonly<Record<RevocationKind, number>>): void {
    this.#of(issuer).reserve(counts);
  }

  /**
   * Takes in the auth service's word about what was revoked before its time. It makes the list
   * fresher only if everything that it speaks of has been applied here, and it is not from the future.
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

  /** For the feed: the issuers' numbers mean other revocations from here on. What is denied stays so. */
  restartSerials(): void {
    for (const { serials } of this.#issuers.values()) serials.restart();
  }

  /** The number up to which nothing of this issuer is missing; -1 before any watermark. */
  appliedThrough(issuer: string): number {
    return this.#issuers.get(issuer)?.serials.through ?? -1;
  }

  /** Whether everything up to this number is applied, now or within that time. */
  waitForSerial(issuer: string, serial: number, withinMilliseconds: number): Promise<boolean> {
    return this.#of(issuer).serials.waitForSerial(serial, withinMilliseconds);
  }

  /** Whether any revocation matches this token. */
  isRevoked(token: TokenIdentity): boolean {
    return this.#issuers.get(token.issuer)?.isRevoked(token) ?? false;
  }

  /**
   * The same question about one token, for whoever asks it at each use of that token.
   * The answer is always that of the moment.
   */
  prepare(token: TokenIdentity): { isRevoked(): boolean } {
    return new PreparedLookup(this.#of(token.issuer), token);
  }

  /** Age of what is known of this issuer, in seconds; Infinity before its first watermark. */
  stalenessSeconds(issuer: string): number {
    return this.#issuers.get(issuer)?.freshness.stalenessSeconds() ?? Infinity;
  }

  /** How this machine's clock compares with an issuer's; undefined while its watermarks do not tell. */
  clock(issuer: string): ClockComparison | undefined {
    return this.#issuers.get(issuer)?.freshness.clock();
  }

  /** By how many seconds an issuer's clock is ahead of this one; undefined while that is not known. */
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
    throw new TypeError(`${name} must be a time in seconds since 1970`);
  }
}
