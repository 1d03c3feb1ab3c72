import type { Warning } from '@latchkey/contracts';
import type { ClientAuthenticationOptions } from '@latchkey/contracts/client-authentication';
import type { TokenErrorCode, VerifierUnavailableCode } from './errors.js';
import type { TokenPrincipal } from './principal.js';
import type { RevocationCheck, WhenStale } from './revocation-check.js';

/** A JSON Web Key Set (RFC 7517 §5). The verifier checks each key before it uses it. */
export interface JsonWebKeySet {
  readonly keys: readonly unknown[];
}

/**
 * Fetches the issuer's current key set. Must reject if the key set is not available.
 *
 * @param signal aborts on timeout and when the verifier is closed
 */
export type KeySetSource = (signal: AbortSignal) => Promise<JsonWebKeySet>;

/**
 * Maps fields of {@link TokenPrincipal} to claims, for issuers that do not follow RFC 9068. `null`
 * means that the issuer has no such claim; its tokens cannot be revoked by that field.
 */
export interface ClaimNames {
  /** Default: `client_id`. Some issuers use `azp` or `appid`. */
  readonly clientId?: string | null;
  /** Default: `jti`. Some issuers use `uti`. */
  readonly tokenId?: string | null;
  /** A claim with space-separated scopes. Default: `scope`. Some issuers use `scp`. */
  readonly scope?: string;
}

/**
 * Asks the issuer whether a token with a valid signature is still active. Must reject if the issuer does
 * not give an answer; the token then fails with `introspection_unavailable`.
 *
 * @param signal aborts after `timeoutSeconds`
 * @returns false if the token was revoked
 */
export type Introspect = (
  token: string,
  principal: TokenPrincipal,
  signal: AbortSignal,
) => Promise<boolean>;

/** Token introspection (RFC 7662) with the credentials of this service. */
export interface RemoteIntrospection {
  readonly clientId: string;
  /** How this service proves that to the issuer: by a secret, or by a private key. */
  readonly authentication: ClientAuthenticationOptions;
  /** The introspection endpoint. Receives the tokens. Default: `<issuer>/oauth/introspect`. */
  readonly url?: string | URL;
  /** The time limit for one request, in seconds. Default: 2. */
  readonly timeoutSeconds?: number;
}

/** Introspection by a function of your own. */
export interface CustomIntrospection {
  readonly introspect: Introspect;
  /** The time limit for one call, in seconds. Default: 2. */
  readonly timeoutSeconds?: number;
}

/** An issuer whose access tokens the verifier accepts. */
export interface TrustedIssuer {
  /**
   * The issuer's identifier. The `iss` claim must match it exactly. Must be a URL unless `jwksUri` or
   * `keys` is set.
   */
  readonly issuer: string;
  /** The audience of your service. At least one value of the `aud` claim must match exactly. */
  readonly audience: string | readonly string[];
  /** The URL of the key set. Default: `<issuer>/.well-known/jwks.json`. */
  readonly jwksUri?: string | URL;
  /** A function that fetches the key set. Cannot be combined with `jwksUri`. */
  readonly keys?: KeySetSource;
  /** Accepted values of the `typ` header, compared as media types (RFC 7515 §4.1.9). Default: `['at+jwt']`. */
  readonly tokenTypes?: readonly string[];
  /** The longest accepted lifetime of a token (`exp` − `iat`), in seconds. Default: 3600. */
  readonly maxLifetimeSeconds?: number;
  /** How to ask the issuer about a token. Required for `whenStale: 'ask'`, and not used otherwise. */
  readonly introspection?: RemoteIntrospection | CustomIntrospection;
  /** Claim names, for issuers that do not follow RFC 9068. */
  readonly claimNames?: ClaimNames;
  /**
   * Accept transaction tokens of this issuer in {@link Verifier.verifyTransactionToken}. A trust domain
   * has one issuer of transaction tokens, so at most one of several `issuers` may have this option.
   */
  readonly transactionTokens?: TransactionTokenOptions;
}

/** Which transaction tokens to accept (draft-ietf-oauth-transaction-tokens-10). */
export interface TransactionTokenOptions {
  /** The trust domain that your service belongs to. The `aud` claim must be exactly this string. */
  readonly trustDomain: string;
  /** The longest accepted lifetime of a token (`exp` − `iat`), in seconds. Default: 300. */
  readonly maxLifetimeSeconds?: number;
}

/** How the verifier caches the key set of each issuer. */
export interface KeySetOptions {
  /**
   * The key set is refreshed in the background at 80 % of this age. Default: 300. Like every duration that
   * a timer measures, at most 2,147,483 (24 days).
   */
  readonly refreshAfterSeconds?: number;
  /** Keys that could not be refreshed are no longer used after this age. Default: 86,400. */
  readonly maxAgeSeconds?: number;
  /**
   * The minimum time between two fetches for unknown `kid`s, also after a failure. Default: 30. A `kid`
   * that a fetch did not find is not looked for again for four times as long.
   */
  readonly cooldownSeconds?: number;
  /** The time limit for one fetch, in seconds. Default: 5. */
  readonly timeoutSeconds?: number;
}

/** Either a deny-list and what to do when it is stale, or `'ignore'`. */
export type RevocationOptions =
  | {
      /** The deny-list, such as `DenyList` of `@latchkey/deny-list`. */
      readonly revocations: RevocationCheck;
      /**
       * What to do when the deny-list is older than `maxStalenessSeconds`. Has no default. Freshness is
       * tracked per issuer: tokens of an issuer whose revocations the list does not receive are always
       * stale.
       */
      readonly whenStale: WhenStale;
      /** The age at which the deny-list counts as stale, in seconds. Default: 5. */
      readonly maxStalenessSeconds?: number;
    }
  /** Accept tokens until they expire, even if they were revoked. */
  | {
      readonly revocations: 'ignore';
      readonly whenStale?: never;
      readonly maxStalenessSeconds?: never;
    };

/** The options of one issuer, or a list of issuers that each have their own. */
export type IssuerOptions =
  | (TrustedIssuer & { readonly issuers?: never })
  | ({ readonly issuers: readonly TrustedIssuer[] } & {
      readonly [Name in keyof TrustedIssuer]?: never;
    });

/** The kinds of tokens that a verifier accepts. */
export type TokenKindName = 'access_token' | 'transaction_token';

/**
 * The outcome of a call of `verify()` or `verifyTransactionToken()`: `accepted`, the code of the error, or `error` for an unexpected
 * error, such as a `TypeError`.
 */
export type VerificationOutcome = 'accepted' | 'error' | TokenErrorCode | VerifierUnavailableCode;

/** One fetch of a key set. */
export interface KeySetFetch {
  readonly issuer: string;
  readonly ok: boolean;
  /** Why the fetch failed. */
  readonly cause?: unknown;
}

/** Options of {@link createVerifier}. An error that a callback throws becomes a process warning. */
export type VerifierOptions = IssuerOptions &
  RevocationOptions & {
    /**
     * The clock skew to allow for `exp`, `nbf` and `iat`, in seconds. Finite and not negative. Default: 5.
     * Give a `DenyList` the same tolerance, so that it keeps entries as long as tokens are accepted.
     */
    readonly clockToleranceSeconds?: number;
    /** How the key set of each issuer is cached. */
    readonly keySet?: KeySetOptions;
    /**
     * The number of tokens whose signature check is cached, at about 2 KiB each (40 MB in all); 0 turns
     * the cache off. Default: 20,000.
     */
    readonly maxCachedTokens?: number;
    /**
     * Called once after each call of `verify()` or `verifyTransactionToken()`, for logs and metrics. The principal is
     * that of an accepted token; nothing that a rejected one says can be trusted.
     */
    readonly onOutcome?: (
      outcome: VerificationOutcome,
      kind: TokenKindName,
      principal?: TokenPrincipal,
    ) => void;
    /** Called after each fetch of a key set, for logs and metrics. */
    readonly onKeySetFetch?: (fetch: KeySetFetch) => void;
    /**
     * Called when the configuration seems wrong, a clock is off, or the issuer cannot be reached. At most
     * one call per reason in 10 seconds. Default: `process.emitWarning`. Pass `() => undefined` to turn
     * warnings off.
     */
    readonly onWarning?: (warning: Warning) => void;
    /** Returns the current time in milliseconds since 1970, for tests. Default: `Date.now`. */
    readonly now?: () => number;
  };

/** Options of a single call of {@link Verifier.verify} or {@link Verifier.verifyTransactionToken}. */
export interface VerifyOptions {
  /**
   * Require a deny-list that has applied every revocation of the token's issuer up to this serial
   * number, usually the caller's `Revocation-Min-Position`. Waits for it for at most 250 ms, then fails
   * with `revocations_behind`. So does every call with `revocations: 'ignore'` or a deny-list without
   * `waitForSerial`.
   */
  readonly minSerial?: number;
  /** Overrides `whenStale` of the verifier. Has no effect with `revocations: 'ignore'`. */
  readonly whenStale?: WhenStale;
}
