import type { Actor } from '@latchkey/contracts';

/** The identity behind an authenticated request. Times are NumericDates (RFC 7519 §2) in seconds. */
export interface Principal {
  /** `iss`. */
  readonly issuer: string;
  /** `sub`: the user, or the client for a `client_credentials` token. */
  readonly subject: string;
  /** `client_id` (RFC 9068 §2.2). Absent only with `claimNames: { clientId: null }`. */
  readonly clientId?: string;
  /** `scope`, split at spaces. Empty without the claim. */
  readonly scopes: ReadonlySet<string>;
  /** `sid`: the session of the log-in. Absent for a `client_credentials` token. */
  readonly sessionId?: string;
  /** `exp`. */
  readonly expiresAt: number;
  /** `auth_time`: when the user logged in. */
  readonly authenticatedAt?: number;
  /** `act` (RFC 8693 §4.1): the party that acts for the subject, with the names of the claim. */
  readonly actor?: Actor;
}

/**
 * The principal of an access token, and data about the token. The object is frozen, because all
 * requests with the same token share it.
 */
export interface TokenPrincipal extends Principal {
  /** `aud`. */
  readonly audience: readonly string[];
  /** `jti`. Safe to log, unlike the token. Absent only with `claimNames: { tokenId: null }`. */
  readonly tokenId?: string;
  /** `iat`. */
  readonly issuedAt: number;
  /** `nbf`, if the token has one. */
  readonly notBefore?: number;
  /** `kid` of the key that signed the token. */
  readonly keyId: string;
  /**
   * The verified payload, for claims without a field of their own, such as roles. The verifier has not
   * checked the types of those claims. Deeply frozen. Can hold personal data: do not log it.
   */
  readonly claims: Readonly<Record<string, unknown>>;
}
