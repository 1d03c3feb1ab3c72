import type { Warning } from '@latchkey/contracts';
import type { TokenPrincipal } from './principal.js';
import type { RevocationCheck, WhenStale } from './revocation-check.js';

/** A JSON Web Key Set (RFC 7517 §5). The verifier checks each key before it uses it. */
export interface JsonWebKeySet {
  readonly keys: readonly unknown[];
}

/**
 * Fetches the issuer's current key set. Reject if it is not available.
 *
 * @param signal aborts on time-out and when the verifier is closed
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
 * Asks the issuer whether a token with a valid signature is still active. Reject if the issuer does
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
  readonly clientSecret: string;
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
  /** The issuer's identifier. The `iss` claim must match it exactly. */
  readonly issuer: string;
  /** The audience of your service. At least one value of the `aud` claim must match exactly. */
  readonly audience: string | readonly string[];
  /** The URL of the key set. Default: `<issuer>/.well-known/jwks.json`. */
  readonly jwksUri?: string | URL;
  /** A function that returns the key set, instead of `jwksUri`. */
  readonly keys?: KeySetSource;
  /** Accepted values of the `typ` header, compared as media types (RFC 7515 §4.1.9). Default: `['at+jwt']`. */
  readonly tokenTypes?: readonly string[];
  /** The longest accepted lifetime of a token (`exp` − `iat`), in seconds. Default: 3600. */
  readonly maxLifetimeSeconds?: number;
  /** How to ask the issuer about a token. Required for `whenStale: 'ask'`, and not used otherwise. */
  readonly introspection?: RemoteIntrospection | CustomIntrospection;
  /** Claim names, for issuers that do not follow RFC 9068. */
  readonly claimNames?: ClaimNames;
}

/** How the verifier caches the key set of each issuer. */
export interface KeySetOptions {
  /** Refresh the key set in the background before it reaches this age. Default: 300. */
  readonly refreshAfterSeconds?: number;
  /** Stop using a key set that could not be refreshed at this age. Default: 86,400. */
  readonly maxAgeSeconds?: number;
  /** The minimum time between two fetches for unknown `kid`s, also after a failure. Default: 30. */
  readonly cooldownSeconds?: number;
  /** The time limit for one fetch. Default: 5. */
  readonly timeoutSeconds?: number;
}

/** Check revocations, and choose what happens when the deny-list is stale; or explicitly do not. */
export type RevocationOptions =
  | {
      /** The deny-list, such as `DenyList` of `@latchkey/deny-list`. */
      readonly revocations: RevocationCheck;
      /** What to do when the deny-list is older than `maxStalenessSeconds`. Has no default. */
      readonly whenStale: WhenStale;
      /** The age at which the deny-list counts as stale, in seconds. Default: 5. */
      readonly maxStalenessSeconds?: number;
    }
  /** Accept tokens until they expire, even if they were revoked. */
  | { readonly revocations: 'ignore'; readonly whenStale?: never };

/** Options of {@link createVerifier}. */
export type VerifierOptions = (
  TrustedIssuer | { readonly issuers: readonly [TrustedIssuer, ...TrustedIssuer[]] }
) &
  RevocationOptions & {
    /** The clock skew to allow for `exp`, `nbf` and `iat`, in seconds. Default: 5. */
    readonly clockToleranceSeconds?: number;
    readonly keySet?: KeySetOptions;
    /**
     * The number of tokens whose signature check is cached, at about 2 KiB each; 0 turns the cache
     * off. Default: 20,000.
     */
    readonly maxCachedTokens?: number;
    /** Called after each call of `verify()`, for logs and metrics, with `accepted` or the error's code. */
    readonly onOutcome?: (outcome: string) => void;
    /** Called after each fetch of a key set, for logs and metrics. */
    readonly onKeySetFetch?: (event: { issuer: string; ok: boolean; cause?: unknown }) => void;
    /**
     * Called when the configuration seems wrong, for example when the key set cannot be fetched, tokens
     * are for another audience, or a clock is off. At most one call per reason in 10 seconds. Must not
     * throw. Default: `process.emitWarning`. Pass `() => undefined` to turn warnings off.
     */
    readonly onWarning?: (warning: Warning) => void;
    /** Returns the current time in milliseconds since 1970. Default: `Date.now`. */
    readonly now?: () => number;
  };

/** Options of a single call of {@link Verifier.verify}. */
export interface VerifyOptions {
  /**
   * Require a deny-list that has applied every revocation of the token's issuer up to this serial
   * number, usually the caller's `Revocation-Min-Position`. Waits for it for at most 250 ms.
   */
  readonly minSerial?: number;
  /** Overrides `whenStale` of the verifier. */
  readonly whenStale?: WhenStale;
}
