import type { KeyObject } from 'node:crypto';
import { readPrincipal } from './access-token-claims.js';
import { splitCompactJws, type CompactJws } from './compact-jws.js';
import { TokenError } from './errors.js';
import { parseJoseHeader, type JoseHeader } from './jose-header.js';
import type { KeySetReport } from './key-set.js';
import type { Principal } from './principal.js';
import { createRevocationGate, type RevocationGate } from './revocation-gate.js';
import { SignatureCache, type CheckedToken } from './signature-cache.js';
import { parseStrictObject } from './strict-json.js';
import { TrustedIssuers, type Trust } from './trusted-issuers.js';
import type { VerificationKey } from './verification-key.js';
import type { VerifierOptions, VerifyOptions } from './verifier-options.js';

const DEFAULT_CLOCK_TOLERANCE_SECONDS = 5;
const DEFAULT_CACHED_TOKENS = 20_000;

/** What a verifier trusts at the moment, per issuer. */
export interface TrustReport {
  readonly issuers: readonly (KeySetReport & { readonly issuer: string })[];
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
  readonly #issuers: TrustedIssuers;
  readonly #checkRevocations: RevocationGate;
  readonly #checked: SignatureCache;
  readonly #tolerance: number;
  readonly #now: () => number;

  /** @throws TypeError naming the option that is missing or wrong */
  constructor(private readonly options: VerifierOptions) {
    this.#issuers = new TrustedIssuers(options);
    this.#checkRevocations = createRevocationGate(options);
    this.#tolerance = options.clockToleranceSeconds ?? DEFAULT_CLOCK_TOLERANCE_SECONDS;
    this.#checked = new SignatureCache(options.cachedTokens ?? DEFAULT_CACHED_TOKENS);
    this.#now = options.now ?? Date.now;
  }

  /**
   * @throws TokenError the token is not acceptable: 401
   * @throws VerifierUnavailableError it cannot be told: 503
   */
  async verify(token: string, options: VerifyOptions = {}): Promise<Principal> {
    try {
      const { principal } = this.#recall(token) ?? (await this.#check(token));
      this.#checkTimes(principal);
      this.#checkRevocations(principal, options.whenStale);
      this.options.onOutcome?.('accepted');
      return principal;
    } catch (error) {
      this.options.onOutcome?.((error as { code?: string }).code ?? 'error');
      throw error;
    }
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
    const header = parseJoseHeader(parts.header);
    if (header.type !== expected.type) throw new TokenError('wrong_type');
    const claims = parseStrictObject(parts.payload, 'claims');
    const { rules, keySet } = this.#issuers.get(claims['iss']);
    if (claims['aud'] !== expected.audience) throw new TokenError('wrong_audience');
    checkSignature(parts, header, await keySet.resolve(header.keyId));
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
  publicKey({ issuer, keyId }: Pick<Principal, 'issuer' | 'keyId'>): KeyObject | undefined {
    return this.#issuers.get(issuer).keySet.find(keyId)?.publicKey;
  }

  trust(): TrustReport {
    const report = ({ rules, keySet }: Trust) => ({ issuer: rules.issuer, ...keySet.report() });
    return { issuers: this.#issuers.all().map(report) };
  }

  /** Stops refreshing keys. */
  close(): void {
    for (const { keySet } of this.#issuers.all()) keySet.close();
  }

  /** A token whose signature was checked before, if the key that did so is still published. */
  #recall(token: string): CheckedToken | undefined {
    const checked = this.#checked.get(token);
    if (!checked) return undefined;
    const { keySet } = this.#issuers.get(checked.principal.issuer);
    if (keySet.find(checked.key.keyId) === checked.key) return checked;
    this.#checked.delete(token);
    return undefined;
  }

  async #check(token: string): Promise<CheckedToken> {
    const parts = splitCompactJws(token);
    const header = parseJoseHeader(parts.header);
    const claims = parseStrictObject(parts.payload, 'claims');
    const { rules, keySet, tokenTypes } = this.#issuers.get(claims['iss']);
    if (!tokenTypes.has(header.type)) throw new TokenError('wrong_type');
    const principal = readPrincipal(claims, rules, header.keyId);
    this.#checkTimes(principal);
    const key = keySet.find(header.keyId) ?? (await keySet.resolve(header.keyId));
    checkSignature(parts, header, key);
    const checked = { principal, key };
    this.#checked.set(token, checked);
    return checked;
  }

  #checkTimes({ expiresAt, issuedAt, notBefore = issuedAt }: Principal): void {
    const now = this.#now() / 1000;
    if (now >= expiresAt + this.#tolerance) throw new TokenError('expired');
    if (now < Math.max(issuedAt, notBefore) - this.#tolerance)
      throw new TokenError('not_yet_valid');
  }
}

function checkSignature(parts: CompactJws, header: JoseHeader, key: VerificationKey): void {
  if (header.algorithm !== key.algorithm) throw new TokenError('wrong_algorithm');
  if (!key.verifies(parts.signingInput, parts.signature)) throw new TokenError('bad_signature');
}

/** @throws TypeError naming the option that is missing or wrong */
export function createVerifier(options: VerifierOptions): Verifier {
  return new Verifier(options);
}
