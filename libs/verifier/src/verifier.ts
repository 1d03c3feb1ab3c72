import type { KeyObject } from 'node:crypto';
import { readPrincipal } from './access-token-claims.js';
import { splitCompactJws, type CompactJws } from './jws/compact-jws.js';
import { TokenError, VerifierUnavailableError } from './errors.js';
import type { Introspection } from './introspection/introspection.js';
import type { JoseHeader } from './jws/jose-header.js';
import type { KeySetReport } from './keys/key-set.js';
import { HeaderCache } from './jws/header-cache.js';
import type { TokenPrincipal } from './principal.js';
import { nonNegativeInteger, optional } from '@latchkey/contracts/options';
import { createRevocationGate, type RevocationGate } from './revocation-gate.js';
import {
  SignatureCache,
  type CheckedToken,
  type SignatureCacheReport,
  type ValidityTimes,
} from './signature-cache.js';
import { ConfigurationWarnings } from './configuration-warnings.js';
import { parseStrictObject } from './jws/strict-json.js';
import { setSubjectToken, SubjectToken } from './subject-token.js';
import type { Trust } from './trust.js';
import { TrustedIssuers } from './trusted-issuers.js';
import { VerificationCounts, type VerificationReport } from './verification-counts.js';
import type { VerificationKey } from './keys/verification-key.js';
import { introspectionMissing, whenStaleRule } from './settings/revocation-settings.js';
import { readSettings } from './settings/verifier-settings.js';
import type { VerificationOutcome, VerifierOptions, VerifyOptions } from './verifier-options.js';

/** The maximum delay of a watermark under normal conditions. */
const WATERMARK_DELAY_SECONDS = 1;

/** The state of a verifier, for health checks and metrics. Contains no secrets. */
export interface VerifierStatus {
  /** The cached keys of each issuer, and their age. */
  readonly issuers: readonly (KeySetReport & { readonly issuer: string })[];
  /** Calls of `verify()` since the start, by outcome. */
  readonly tokens: VerificationReport;
  readonly signatureCache: SignatureCacheReport;
}

/** A Security Event Token (RFC 8417) whose signature is valid. */
export interface SignedEvent {
  readonly issuer: string;
  readonly claims: Record<string, unknown>;
}

/**
 * Verifies access tokens (RFC 9068). The only network calls are those for the issuer's keys, and for
 * introspection with `whenStale: 'ask'`.
 *
 * A new token is checked in this order: size, encoding, header, claims, signature. Every call, including
 * one for a cached token, checks expiry, the key, revocations, and their freshness.
 */
export class Verifier {
  readonly #warnings: ConfigurationWarnings;
  readonly #issuers: TrustedIssuers;
  readonly #revocations: RevocationGate;
  readonly #checked: SignatureCache;
  readonly #headers = new HeaderCache();
  readonly #counts = new VerificationCounts();
  readonly #tolerance: number;
  readonly #now: () => number;
  readonly #onOutcome: (outcome: VerificationOutcome) => void;

  /** @throws TypeError that names the missing or invalid option */
  constructor(options: VerifierOptions) {
    const settings = readSettings(options);
    this.#warnings = new ConfigurationWarnings(settings.onWarning);
    this.#issuers = new TrustedIssuers(settings, this.#warnings);
    this.#revocations = createRevocationGate(settings.revocations, {
      names: settings.issuers.map(({ rules }) => rules.issuer),
      requireIntrospection: (issuer) => this.#introspectionOf(issuer),
      warnOfMissingRevocations: (issuer) => this.#warnings.revocationsMissing(issuer),
    });
    this.#tolerance = settings.clockToleranceSeconds;
    this.#checked = new SignatureCache(settings.maxCachedTokens);
    this.#now = settings.now;
    this.#onOutcome = settings.onOutcome;
  }

  /**
   * Verifies an access token. Resolves without waiting unless a key must be fetched, `minSerial` awaited,
   * or the issuer asked.
   *
   * @throws TokenError if the token is invalid or revoked: respond with 401
   * @throws VerifierUnavailableError if the token cannot be verified now: respond with 503
   * @throws TypeError if an option is invalid, or `whenStale` is `ask` and the issuer has no `introspection`
   */
  async verify(token: string, options: VerifyOptions = {}): Promise<TokenPrincipal> {
    try {
      requireVerifyOptions(options);
      const now = this.#now();
      const found = this.#find(token, now);
      const waited = found instanceof Promise;
      const checked = waited ? await found : found;
      const { minSerial } = options;
      if (minSerial !== undefined) await this.#revocations.waitForSerial(checked, minSerial);
      this.#checkTimes(
        checked,
        checked.principal,
        waited || minSerial !== undefined ? this.#now() : now,
      );
      if (this.#revocations.check(checked, options.whenStale)) await this.#ask(token, checked);
      this.#counts.countAccepted();
      this.#onOutcome('accepted');
      return checked.principal;
    } catch (error) {
      const outcome = this.#counts.countFailed(error);
      this.#warnings.failed(error, () => this.#issuers.all());
      this.#onOutcome(outcome);
      throw error;
    }
  }

  /**
   * Verifies the signature, type, issuer and audience of a Security Event Token (RFC 8417). `aud` must be
   * this one string. The caller must check all other claims, including `exp` if there is one. Events are
   * neither counted in {@link status} nor passed to `onOutcome`.
   *
   * @throws TokenError if the event is invalid
   * @throws VerifierUnavailableError if the key set cannot be fetched
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
    this.#headers.add(parts.header, header);
    return { issuer: rules.issuer, claims };
  }

  /**
   * Fetches the keys of all issuers. Resolves once every issuer has answered, or when {@link close} is
   * called. Retries without a time limit and never rejects. A server should not await it: one unreachable
   * issuer would keep it from starting.
   */
  async loadKeys(): Promise<void> {
    await Promise.all(this.#issuers.all().map(({ keySet }) => keySet.load()));
  }

  /** Whether the keys of all issuers have been fetched at least once. */
  get keysLoaded(): boolean {
    return this.#issuers.all().every(({ keySet }) => keySet.loaded);
  }

  /**
   * Returns the key that a verified token was signed with, as long as it is published.
   *
   * @throws TokenError `untrusted_issuer` for another issuer
   */
  publicKey({ issuer, keyId }: Pick<TokenPrincipal, 'issuer' | 'keyId'>): KeyObject | undefined {
    return this.#issuers.get(issuer).keySet.find(keyId)?.publicKey;
  }

  /** Returns the state of the verifier, for health checks and metrics. */
  status(): VerifierStatus {
    const report = ({ rules, keySet }: Trust) => ({ issuer: rules.issuer, ...keySet.report() });
    return {
      issuers: this.#issuers.all().map(report),
      tokens: this.#counts.report(),
      signatureCache: this.#checked.report(),
    };
  }

  /**
   * Stops refreshing keys, and aborts pending fetches. {@link verify} still works with the cached keys
   * until they are older than `keySet.maxAgeSeconds`.
   */
  close(): void {
    for (const { keySet } of this.#issuers.all()) keySet.close();
  }

  /** Re-checks expiry and the deny-list, which may have changed during the introspection call. */
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
    throw introspectionMissing(issuer);
  }

  #find(token: string, now: number): CheckedToken | Promise<CheckedToken> {
    // In plain JavaScript, a missing or repeated header may be passed.
    if (typeof token !== 'string') throw new TokenError('malformed', 'not a string');
    return this.#recall(token, now) ?? this.#check(token, now);
  }

  /** Returns a cached token if its key is still published. */
  #recall(token: string, now: number): CheckedToken | undefined {
    const checked = this.#checked.get(token);
    if (!checked) return undefined;
    if (checked.keySet.find(checked.key.keyId, now) === checked.key) return checked;
    this.#checked.delete(token);
    return undefined;
  }

  /** Returns a promise only if the key must be fetched. */
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
      this.#headers.add(parts.header, header);
      setSubjectToken(principal, new SubjectToken(token, 'access_token'));
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
    // If the token is valid by the issuer's clock, one of the clocks is wrong.
    const issuerAhead = this.#revocations.issuerAheadSeconds(issuer);
    if (!expired)
      throw issuerAhead >= early
        ? new VerifierUnavailableError('clock_behind')
        : new TokenError('not_yet_valid');
    // A smaller offset may be a watermark's delay.
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

function requireVerifyOptions({ minSerial, whenStale }: VerifyOptions): void {
  optional('minSerial', minSerial, nonNegativeInteger);
  optional('whenStale', whenStale, whenStaleRule);
}

/**
 * Creates a verifier of access tokens (RFC 9068, RS256), like `new Verifier(options)`. It fetches the
 * issuer's keys on the first call of `loadKeys()` or `verify()`.
 *
 * @throws TypeError that names the missing or invalid option
 */
export function createVerifier(options: VerifierOptions): Verifier {
  return new Verifier(options);
}
