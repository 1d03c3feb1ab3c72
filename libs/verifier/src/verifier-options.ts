import type { Trouble } from '@latchkey/contracts';
import type { TokenPrincipal } from './principal.js';
import type { RevocationCheck, WhenStale } from './revocation-check.js';

/** JSON Web Key Set as published (RFC 7517 §5). Members are checked before use. */
export interface JsonWebKeySet {
  readonly keys: readonly unknown[];
}

/**
 * Where an issuer's keys come from: HTTP by default; the auth service passes its own key ring.
 *
 * @returns the current key set; rejects when it cannot be had
 */
export type KeySetSource = (signal: AbortSignal) => Promise<JsonWebKeySet>;

/**
 * Where an issuer puts what RFC 9068 calls `client_id`, `jti` and `scope`; `null` says that it has none.
 * What a token does not name cannot be revoked by that name.
 */
export interface ClaimNames {
  /** Default `client_id`; some issuers use `azp` or `appid`. */
  readonly clientId?: string | null;
  /** Default `jti`; some issuers use `uti`. */
  readonly tokenId?: string | null;
  /** A string of names separated by spaces. Default `scope`; some issuers use `scp`. */
  readonly scope?: string;
}

/** As whom a verifier asks the issuer about a token. */
export interface IntrospectionClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Default: `<issuer>/oauth/introspect`, with one slash between them. The token is sent there. */
  readonly endpoint?: string | URL;
}

/**
 * Asks an issuer whether it still honours a token whose signature is good.
 *
 * @returns false for one that was revoked; rejects when it cannot be told
 */
export type IntrospectionSource = (
  token: string,
  principal: TokenPrincipal,
  signal: AbortSignal,
) => Promise<boolean>;

/** One issuer whose tokens are accepted. */
export interface TrustedIssuer {
  /** Compared exactly with `iss`. */
  readonly issuer: string;
  /** Compared exactly with each `aud`; one match suffices. */
  readonly audience: string | readonly string[];
  /** Default: `<issuer>/.well-known/jwks.json`, with one slash between them. */
  readonly jwksUri?: string | URL;
  /** Instead of `jwksUri`. */
  readonly keys?: KeySetSource;
  /** Accepted `typ` headers, compared as RFC 7515 §4.1.9 says. Default `at+jwt` alone. */
  readonly tokenTypes?: readonly string[];
  /** `exp` − `iat` may be at most this. Default 3600. */
  readonly maxLifetimeSeconds?: number;
  /** Whom to ask where `whenStale` is `ask` (RFC 7662); needed for that and used for nothing else. */
  readonly introspection?: IntrospectionClient | IntrospectionSource;
  /** For an issuer that does not follow RFC 9068. */
  readonly claimNames?: ClaimNames;
}

/** How the key set of each issuer is kept. All times in seconds. */
export interface KeySetOptions {
  /** A key set older than this is refetched in the background. Default 300. */
  readonly refreshAfterSeconds?: number;
  /** A key set that could not be refreshed is served this long at most. Default 86,400. */
  readonly maxAgeSeconds?: number;
  /** At most one fetch for unknown `kid`s in this time, after failures as well. Default 30. */
  readonly cooldownSeconds?: number;
  /** One fetch takes at most this. Default 5. */
  readonly timeoutSeconds?: number;
}

/** Revocations are checked (and a decision taken for a stale list), or knowingly not. */
export type RevocationOptions =
  | {
      readonly revocations: RevocationCheck;
      /** No default: whoever sets a verifier up chooses. */
      readonly whenStale: WhenStale;
      /** Default 5. */
      readonly maxStalenessSeconds?: number;
    }
  | { readonly revocations: 'unchecked'; readonly whenStale?: never };

/** One issuer or several, revocations or knowingly none, and what has a default. */
export type VerifierOptions = (
  TrustedIssuer | { readonly issuers: readonly [TrustedIssuer, ...TrustedIssuer[]] }
) &
  RevocationOptions & {
    /** For `exp`, `nbf` and `iat`. Default 5. */
    readonly clockToleranceSeconds?: number;
    readonly keySet?: KeySetOptions;
    /** One question to an issuer takes at most this. Default 2. */
    readonly introspectionTimeoutSeconds?: number;
    /** Tokens whose signature check is remembered; 0 for none. Default 20,000, about 2 KiB each. */
    readonly cachedTokens?: number;
    /** Told of each outcome, for logs and metrics: `accepted` or the error's code. */
    readonly onOutcome?: (outcome: string) => void;
    /** Told of each fetch of a key set, for metrics and logs. */
    readonly onKeySetFetch?: (event: { issuer: string; ok: boolean; cause?: unknown }) => void;
    /**
     * Told what seems to be wrong with the set-up and what to check, each reason once in ten seconds: a
     * key set that cannot be had, tokens for another audience, a clock. Must not throw. Default: a line
     * by `process.emitWarning`; pass `() => undefined` for none.
     */
    readonly onTrouble?: (trouble: Trouble) => void;
    /** Now, in milliseconds since 1970. Default `Date.now`. */
    readonly now?: () => number;
  };

/** Chosen per call, that is per route. */
export interface VerifyOptions {
  /**
   * Number of a revocation that the caller knows of (`Revocation-Min-Position`): the token is not
   * judged by a deny-list that has not applied everything up to there. Waits for it, 250 ms at most.
   */
  readonly minPosition?: number;
  readonly whenStale?: WhenStale;
}
