import type { KeyObject } from 'node:crypto';
import { readPrincipal } from './access-token-claims.js';
import { splitCompactJws, type CompactJws } from './jws/compact-jws.js';
import { TokenError, VerifierUnavailableError } from './errors.js';
import type { Introspection } from './introspection/introspection.js';
import type { JoseHeader } from './jws/jose-header.js';
import type { KeySetReport } from './keys/key-set.js';
import { KnownHeaders } from './jws/header-cache.js';
import type { TokenPrincipal } from './principal.js';
import { createRevocationGate, type RevocationGate } from './revocation-gate.js';
import {
  SignatureCache,
  type CheckedToken,
  type SignatureCacheReport,
  type ValidityTimes,
} from './signature-cache.js';
import { SetUpTroubles } from './configuration-warnings.js';
import { parseStrictObject } from './jws/strict-json.js';
import { TrustedIssuers, type Trust } from './trusted-issuers.js';
import { VerificationCounts, type VerificationReport } from './verification-counts.js';
import type { VerificationKey } from './keys/verification-key.js';
import type { VerifierOptions, VerifyOptions } from './verifier-options.js';

const DEFAULT_CLOCK_TOLERANCE_SECONDS = 5;
const DEFAULT_CACHED_TOKENS = 20_000;
/** How long a watermark takes, at most, when nothing is wrong. */
const WATERMARK_DELAY_SECONDS = 1;

/** What a verifier trusts at the moment, and what came of it. Nothing in it is secret. */
export interface VerifierStatus {
  /** Which keys of each issuer are known, and how old that knowledge is. */
  readonly issuers: readonly (KeySetReport & { readonly issuer: string })[];
  /** Tokens judged since the start. */
  readonly tokens: VerificationReport;
  readonly signatureCache: SignatureCacheReport;
}

/** An event on the feed whose signature is good (RFC 8417). */
export interface SignedEvent {
  readonly issuer: string;
  readonly claims: Record<string, unknown>;
}

/**
 * Turns access tokens into principals, with no network call but the fetch of an issuer's keys.
 *
 * Order: the gate (size, encoding, header, claims), the signature, then at every use what changes
 * with time (expiry, key still published, revocations, freshness).
 */
export class Verifier {
  readonly #troubles: SetUpTroubles;
  readonly #issuers: TrustedIssuers;
  readonly #revocations: RevocationGate;
  readonly #checked: SignatureCache;
  readonly #headers = new KnownHeaders();
  readonly #counts = new VerificationCounts();
  readonly #tolerance: number;
  readonly #now: () => number;

  /** @throws TypeError naming the option that is missing or wrong */
  constructor(private readonly options: VerifierOptions) {
    this.#troubles = new SetUpTroubles(options);
    this.#issuers = new TrustedIssuers(options, this.#troubles);
    this.#revocations = createRevocationGate(options, (issuer) => this.#introspectionOf(issuer));
    this.#tolerance = options.clockToleranceSeconds ?? DEFAULT_CLOCK_TOLERANCE_SECONDS;
    this.#checked = new SignatureCache(
      requireCount(options.maxCachedTokens ?? DEFAULT_CACHED_TOKENS),
    );
    this.#now = options.now ?? (() => Date.now());
    if (options.whenStale === 'ask')
      for (const { rules } of this.#issuers.all()) this.#introspectionOf(rules.issuer);
  }

  /**
   * Judges an access token as it is at this moment. Waits only while a key has to be fetched, while
   * `minSerial` is not reached, and while a stale verifier asks the issuer.
   *
   * @throws TypeError `whenStale` is `ask`, and the issuer has no `introspection`
   * @throws TokenError the token is not acceptable: 401
   * @throws VerifierUnavailableError it cannot be told: 503
   */
  async verify(token: string, options: VerifyOptions = {}): Promise<TokenPrincipal> {
    try {
      const now = this.#now();
      const found = this.#find(token, now);
      const waited = found instanceof Promise;
      const checked = waited ? await found : found;
      const { minSerial } = options;
      if (minSerial !== undefined) await this.#revocations.reach(checked, minSerial);
      this.#checkTimes(
        checked,
        checked.principal,
        waited || minSerial !== undefined ? this.#now() : now,
      );
      if (this.#revocations.check(checked, options.whenStale)) await this.#ask(token, checked);
      this.#accepted();
      return checked.principal;
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  #accepted(): void {
    this.#counts.countAccepted();
    this.options.onOutcome?.('accepted');
  }

  #failed(error: unknown): void {
    const code = this.#counts.countFailed(error);
    this.#troubles.failed(error, () => this.#issuers.all());
    this.options.onOutcome?.(code);
  }

  /**
   * Verifies a signed event of a trusted issuer through the same gate and with the same keys.
   * What its claims mean is the caller's business.
   *
   * @throws TokenError, VerifierUnavailableError
   */
  async verifySignedEvent(
    jws: string,
    expected: { type: string; audience: string },
  ): Promise<SignedEvent> {
    const parts = splitCompactJws(jws);
    const header = this.#headers.read(parts.header);
    if (header.type !== expected.type) throw new TokenError('wrong_type');
    const claims = parseStrictObject(parts.payload, 'claims');
    const { rules, keySet } = this.#issuers.get(claims['iss']);
    if (claims['aud'] !== expected.audience) throw new TokenError('wrong_audience');
    checkSignature(parts, header, await keySet.resolve(header.keyId));
    this.#headers.remember(parts.header, header);
    return { issuer: rules.issuer, claims };
  }

  /** Fetches the keys of every issuer, retrying until it has them or {@link close} is called. */
  async loadKeys(): Promise<void> {
    await Promise.all(this.#issuers.all().map(({ keySet }) => keySet.load()));
  }

  /** Whether the keys of every issuer have been fetched at least once. */
  get keysLoaded(): boolean {
    return this.#issuers.all().every(({ keySet }) => keySet.loaded);
  }

  /** The key that a verified token was signed with, while it is published. */
  publicKey({ issuer, keyId }: Pick<TokenPrincipal, 'issuer' | 'keyId'>): KeyObject | undefined {
    return this.#issuers.get(issuer).keySet.find(keyId)?.publicKey;
  }

  /** For health indicators and metrics. */
  status(): VerifierStatus {
    const report = ({ rules, keySet }: Trust) => ({ issuer: rules.issuer, ...keySet.report() });
    return {
      issuers: this.#issuers.all().map(report),
      tokens: this.#counts.report(),
      signatureCache: this.#checked.report(),
    };
  }

  /** Stops refreshing keys. */
  close(): void {
    for (const { keySet } of this.#issuers.all()) keySet.close();
  }

  /** What the deny-list has learned and what has expired meanwhile counts as well. */
  async #ask(token: string, checked: CheckedToken): Promise<void> {
    const { principal } = checked;
    const introspection = this.#introspectionOf(principal.issuer);
    if (!(await introspection.isActive(token, principal))) throw new TokenError('revoked');
    this.#checkTimes(checked, principal, this.#now());
    this.#revocations.check(checked, 'accept');
  }

  #introspectionOf(issuer: string): Introspection {
    const { introspection } = this.#issuers.get(issuer);
    if (introspection) return introspection;
    throw new TypeError(`whenStale is 'ask', and ${issuer} has no introspection`);
  }

  #find(token: string, now: number): CheckedToken | Promise<CheckedToken> {
    // Without the compiler's help it is easily a missing header or a list of them.
    if (typeof token !== 'string') throw new TokenError('malformed', 'not a string');
    return this.#recall(token, now) ?? this.#check(token, now);
  }

  /** A token whose signature was checked before, if the key that did so is still published. */
  #recall(token: string, now: number): CheckedToken | undefined {
    const checked = this.#checked.get(token);
    if (!checked) return undefined;
    if (checked.keySet.find(checked.key.keyId, now) === checked.key) return checked;
    this.#checked.delete(token);
    return undefined;
  }

  /** Waits only where the key has to be fetched. */
  #check(token: string, now: number): CheckedToken | Promise<CheckedToken> {
    const parts = splitCompactJws(token);
    const header = this.#headers.read(parts.header);
    const claims = parseStrictObject(parts.payload, 'claims');
    const { rules, keySet, tokenTypes } = this.#issuers.get(claims['iss']);
    if (!tokenTypes.has(header.type)) throw new TokenError('wrong_type');
    const principal = readPrincipal(claims, rules, header.keyId);
    const { expiresAt, issuedAt, notBefore = issuedAt } = principal;
    const times = { expiresAt, validFrom: Math.max(issuedAt, notBefore) };
    this.#checkTimes(times, principal, now);
    const finish = (key: VerificationKey): CheckedToken => {
      checkSignature(parts, header, key);
      this.#headers.remember(parts.header, header);
      const revocation = this.#revocations.prepare(principal);
      const checked = { token, principal, ...times, key, keySet, revocation };
      this.#checked.add(checked);
      return checked;
    };
    const key = keySet.find(header.keyId, now);
    return key ? finish(key) : keySet.resolve(header.keyId).then(finish);
  }

  /** @param now milliseconds since 1970 */
  #checkTimes(
    { expiresAt, validFrom }: ValidityTimes,
    { issuer }: Pick<TokenPrincipal, 'issuer'>,
    now: number,
  ): void {
    const seconds = now / 1000;
    const expired = seconds >= expiresAt + this.#tolerance;
    const early = validFrom - this.#tolerance - seconds;
    if (!expired && early <= 0) return;
    // If the token is valid by the issuer's clock, the fault is in a clock.
    const issuerAhead = this.#revocations.issuerAheadSeconds(issuer);
    if (!expired)
      throw issuerAhead >= early
        ? new VerifierUnavailableError('clock_behind')
        : new TokenError('not_yet_valid');
    // A smaller offset may be the time that a watermark took.
    const isAhead = -issuerAhead > Math.max(this.#tolerance, WATERMARK_DELAY_SECONDS);
    throw isAhead && seconds + issuerAhead < expiresAt + this.#tolerance
      ? new VerifierUnavailableError('clock_ahead')
      : new TokenError('expired');
  }
}

function checkSignature(parts: CompactJws, header: JoseHeader, key: VerificationKey): void {
  if (header.algorithm !== key.algorithm) throw new TokenError('wrong_algorithm');
  if (!key.verifies(parts.signingInput, parts.signature)) throw new TokenError('bad_signature');
}

function requireCount(maxCachedTokens: number): number {
  if (Number.isSafeInteger(maxCachedTokens) && maxCachedTokens >= 0) return maxCachedTokens;
  throw new TypeError('maxCachedTokens must be a whole number of tokens, 0 for none');
}

/**
 * A verifier of access tokens (RFC 9068, RS256). It fetches nothing before `loadKeys()` or the first
 * token.
 *
 * @throws TypeError naming the option that is missing or wrong
 */
export function createVerifier(options: VerifierOptions): Verifier {
  return new Verifier(options);
}
