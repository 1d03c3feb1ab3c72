import { checkSignature, splitCompactJws } from './jws/compact-jws.js';
import type { ConfigurationWarnings } from './configuration-warnings.js';
import { TokenError, VerifierUnavailableError } from './errors.js';
import type { HeaderCache } from './jws/header-cache.js';
import { parseStrictObject } from './jws/strict-json.js';
import type { VerificationKey } from './keys/verification-key.js';
import { verifications } from '@latchkey/contracts/diagnostics';
import { nonNegativeInteger, optional } from '@latchkey/contracts/options';
import type { TokenPrincipal } from './principal.js';
import type { RevocationGate } from './revocation-gate.js';
import { introspectionMissing, whenStaleRule } from './settings/revocation-settings.js';
import {
  SignatureCache,
  type CheckedToken,
  type SignatureCacheReport,
  type ValidityTimes,
} from './signature-cache.js';
import { setSubjectToken, SubjectToken } from './subject-token.js';
import type { TokenKind } from './token-kind.js';
import type { TrustedIssuers } from './trusted-issuers.js';
import { VerificationCounts, type VerificationReport } from './verification-counts.js';
import type { VerifierOptions, VerifyOptions } from './verifier-options.js';

/** The maximum delay of a watermark under normal conditions. */
const WATERMARK_DELAY_SECONDS = 1;

/** The parts that the gates of a verifier share. */
export interface GateContext {
  readonly issuers: TrustedIssuers;
  readonly revocations: RevocationGate;
  readonly headers: HeaderCache;
  readonly warnings: ConfigurationWarnings;
  readonly clockToleranceSeconds: number;
  readonly now: () => number;
  readonly onOutcome: NonNullable<VerifierOptions['onOutcome']>;
}

/** The counts of a gate since the start. */
export interface GateReport {
  readonly tokens: VerificationReport;
  readonly signatureCache: SignatureCacheReport;
}

/**
 * Verifies tokens of one kind. Each kind has a gate and so a signature cache of its own: whatever else
 * goes wrong, a cached token of one kind cannot pass for another.
 */
export class TokenGate<Principal extends TokenPrincipal> {
  readonly #checked: SignatureCache<Principal>;
  readonly #counts = new VerificationCounts();

  /** @param maxCachedTokens maximum number of tokens whose signature check is cached */
  constructor(
    private readonly kind: TokenKind<Principal>,
    private readonly context: GateContext,
    maxCachedTokens: number,
  ) {
    this.#checked = new SignatureCache(maxCachedTokens);
  }

  /** Returns counts since the start. */
  report(): GateReport {
    return { tokens: this.#counts.report(), signatureCache: this.#checked.report() };
  }

  /** Verifies a token, and counts the outcome. @throws as `Verifier.verify()` does */
  verify(token: string, options: VerifyOptions): Promise<Principal> {
    if (!verifications.hasSubscribers) return this.#verify(token, options);
    const { name: kind } = this.kind;
    return verifications.tracePromise(() => this.#verify(token, options), { kind });
  }

  async #verify(token: string, options: VerifyOptions): Promise<Principal> {
    const { now: clock, revocations, onOutcome } = this.context;
    try {
      requireVerifyOptions(options);
      const now = clock();
      const found = this.#find(token, now);
      const waited = found instanceof Promise;
      const checked = waited ? await found : found;
      const { minSerial } = options;
      if (minSerial !== undefined) await revocations.waitForSerial(checked, minSerial);
      this.#checkTimes(
        checked,
        checked.principal,
        waited || minSerial !== undefined ? clock() : now,
      );
      if (revocations.check(checked, options.whenStale)) await this.#ask(token, checked);
      this.#counts.countAccepted();
      onOutcome('accepted', this.kind.name, checked.principal);
      return checked.principal;
    } catch (error) {
      const outcome = this.#counts.countFailed(error);
      this.context.warnings.failed(error, this.kind, () => this.context.issuers.all());
      onOutcome(outcome, this.kind.name);
      throw error;
    }
  }

  /** Re-checks expiry and the deny-list, which may have changed during the introspection call. */
  async #ask(token: string, checked: CheckedToken<Principal>): Promise<void> {
    if (!this.kind.canBeIntrospected) throw new VerifierUnavailableError('revocations_stale');
    const { principal } = checked;
    const { introspection } = this.context.issuers.get(principal.issuer);
    if (!introspection) throw introspectionMissing(principal.issuer);
    if (!(await introspection.isActive(token, principal))) throw new TokenError('revoked');
    this.#checkTimes(checked, principal, this.context.now());
    this.context.revocations.check(checked, 'accept');
  }

  #find(token: string, now: number): CheckedToken<Principal> | Promise<CheckedToken<Principal>> {
    // In plain JavaScript, a missing or repeated header may be passed.
    if (typeof token !== 'string') throw new TokenError('malformed', 'not a string');
    return this.#recall(token, now) ?? this.#check(token, now);
  }

  /** Returns a cached token if its key is still published. */
  #recall(token: string, now: number): CheckedToken<Principal> | undefined {
    const checked = this.#checked.get(token);
    if (!checked) return undefined;
    if (checked.keySet.find(checked.key.keyId, now) === checked.key) return checked;
    this.#checked.delete(token);
    return undefined;
  }

  /** Returns a promise only if the key must be fetched. */
  #check(token: string, now: number): CheckedToken<Principal> | Promise<CheckedToken<Principal>> {
    const { headers, issuers, revocations } = this.context;
    const parts = splitCompactJws(token);
    const header = headers.read(parts.header);
    const claims = parseStrictObject(parts.payload, 'claims');
    const trust = issuers.get(claims['iss']);
    const { keySet } = trust;
    const principal = this.kind.read(header, claims, trust);
    const { expiresAt, issuedAt, notBefore = issuedAt } = principal;
    const times = { expiresAt, validFrom: Math.max(issuedAt, notBefore) };
    this.#checkTimes(times, principal, now);
    const finish = (key: VerificationKey): CheckedToken<Principal> => {
      checkSignature(parts, header, key);
      headers.add(parts.header, header);
      setSubjectToken(principal, new SubjectToken(token, this.kind.name));
      const revocation = revocations.prepare(principal);
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
    const tolerance = this.context.clockToleranceSeconds;
    const seconds = now / 1000;
    const expired = seconds >= expiresAt + tolerance;
    const early = validFrom - tolerance - seconds;
    if (!expired && early <= 0) return;
    // If the token is valid by the issuer's clock, one of the clocks is wrong.
    const issuerAhead = this.context.revocations.issuerAheadSeconds(issuer);
    if (!expired)
      throw issuerAhead >= early
        ? new VerifierUnavailableError('clock_behind')
        : new TokenError('not_yet_valid');
    // A smaller offset may be a watermark's delay.
    const isAhead = -issuerAhead > Math.max(tolerance, WATERMARK_DELAY_SECONDS);
    throw isAhead && seconds + issuerAhead < expiresAt + tolerance
      ? new VerifierUnavailableError('clock_ahead')
      : new TokenError('expired');
  }
}

function requireVerifyOptions({ minSerial, whenStale }: VerifyOptions): void {
  optional('minSerial', minSerial, nonNegativeInteger);
  optional('whenStale', whenStale, whenStaleRule);
}
