import type { KeyObject } from 'node:crypto';
import { ConfigurationWarnings } from './configuration-warnings.js';
import { TokenError } from './errors.js';
import { checkSignature, splitCompactJws } from './jws/compact-jws.js';
import { HeaderCache } from './jws/header-cache.js';
import { parseStrictObject } from './jws/strict-json.js';
import type { KeySetReport } from './keys/key-set.js';
import type { TokenPrincipal, TransactionPrincipal } from './principal.js';
import { createRevocationGate } from './revocation-gate.js';
import { introspectionMissing } from './settings/revocation-settings.js';
import { readSettings } from './settings/verifier-settings.js';
import type { SignatureCacheReport } from './signature-cache.js';
import { TokenGate, type GateReport } from './token-gate.js';
import { ACCESS_TOKENS, TRANSACTION_TOKENS } from './token-kind.js';
import type { Trust } from './trust.js';
import { TrustedIssuers } from './trusted-issuers.js';
import type { VerificationReport } from './verification-counts.js';
import type { VerifierOptions, VerifyOptions } from './verifier-options.js';

/**
 * A transaction token is used by the few calls of one transaction, and within minutes. Their cache is
 * small, so that it does not cost the memory of the one for access tokens.
 */
const MAX_CACHED_TRANSACTION_TOKENS = 2_000;

/** The state of a verifier, for health checks and metrics. Contains no secrets. */
export interface VerifierStatus {
  /** The cached keys of each issuer, and their age. */
  readonly issuers: readonly (KeySetReport & { readonly issuer: string })[];
  /** Calls of `verify()` since the start, by outcome. */
  readonly tokens: VerificationReport;
  readonly signatureCache: SignatureCacheReport;
  /** The same for `verifyTransactionToken()`. Absent without the option `transactionTokens`. */
  readonly transactionTokens?: GateReport;
}

/** A Security Event Token (RFC 8417) whose signature is valid. */
export interface SignedEvent {
  readonly issuer: string;
  readonly claims: Record<string, unknown>;
}

/**
 * Verifies access tokens (RFC 9068) and, if an issuer has the option `transactionTokens`, transaction
 * tokens. The only network calls are those for the issuer's keys, and for introspection with
 * `whenStale: 'ask'`.
 *
 * A new token is checked in this order: size, encoding, header, claims, signature. Every call, including
 * one for a cached token, checks expiry, the key, revocations, and their freshness.
 */
export class Verifier {
  readonly #issuers: TrustedIssuers;
  readonly #headers = new HeaderCache();
  readonly #accessTokens: TokenGate<TokenPrincipal>;
  readonly #transactionTokens: TokenGate<TransactionPrincipal> | undefined;

  /** @throws TypeError that names the missing or invalid option */
  constructor(options: VerifierOptions) {
    const settings = readSettings(options);
    const warnings = new ConfigurationWarnings(settings.onWarning);
    this.#issuers = new TrustedIssuers(settings, warnings);
    const revocations = createRevocationGate(settings.revocations, {
      names: settings.issuers.map(({ rules }) => rules.issuer),
      requireIntrospection: (issuer) => this.#requireIntrospection(issuer),
      warnOfMissingRevocations: (issuer) => warnings.revocationsMissing(issuer),
    });
    const { maxCachedTokens } = settings;
    const context = {
      ...settings,
      issuers: this.#issuers,
      headers: this.#headers,
      warnings,
      revocations,
    };
    this.#accessTokens = new TokenGate(ACCESS_TOKENS, context, maxCachedTokens);
    if (settings.issuers.some(({ transactionRules }) => transactionRules))
      this.#transactionTokens = new TokenGate(
        TRANSACTION_TOKENS,
        context,
        Math.min(maxCachedTokens, MAX_CACHED_TRANSACTION_TOKENS),
      );
  }

  /**
   * Verifies an access token. Resolves without waiting unless a key must be fetched, `minSerial` awaited,
   * or the issuer asked.
   *
   * @throws TokenError if the token is invalid or revoked: respond with 401
   * @throws VerifierUnavailableError if the token cannot be verified now: respond with 503
   * @throws TypeError if an option is invalid, or `whenStale` is `ask` and the issuer has no `introspection`
   */
  verify(token: string, options: VerifyOptions = {}): Promise<TokenPrincipal> {
    return this.#accessTokens.verify(token, options);
  }

  /** Whether an issuer has the option `transactionTokens`. */
  get acceptsTransactionTokens(): boolean {
    return this.#transactionTokens !== undefined;
  }

  /**
   * Verifies a transaction token (draft-ietf-oauth-transaction-tokens-10, "Txn-Token Validation") with the
   * same keys, and against the same deny-list, as an access token.
   *
   * It says for whom and for what a call is made, but not who makes it, so it must not be the only
   * credential of a request: the caller has to authenticate itself as well, with an access token of its own.
   *
   * The issuer is not asked about transaction tokens: with `whenStale: 'ask'`, a stale deny-list fails
   * with `revocations_stale`.
   *
   * @throws TokenError if the token is invalid or revoked: respond with 401
   * @throws VerifierUnavailableError if the token cannot be verified now: respond with 503
   * @throws TypeError if an option is invalid, or no issuer has the option `transactionTokens`
   */
  async verifyTransactionToken(
    token: string,
    options: VerifyOptions = {},
  ): Promise<TransactionPrincipal> {
    if (!this.#transactionTokens)
      throw new TypeError('verifyTransactionToken() requires the option transactionTokens');
    return this.#transactionTokens.verify(token, options);
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
      ...this.#accessTokens.report(),
      ...(this.#transactionTokens && { transactionTokens: this.#transactionTokens.report() }),
    };
  }

  /**
   * Stops refreshing keys, and aborts pending fetches. {@link verify} still works with the cached keys
   * until they are older than `keySet.maxAgeSeconds`.
   */
  close(): void {
    for (const { keySet } of this.#issuers.all()) keySet.close();
  }

  #requireIntrospection(issuer: string): void {
    if (!this.#issuers.get(issuer).introspection) throw introspectionMissing(issuer);
  }
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
