import type { Actor } from '@latchkey/contracts';

/** The identity behind an authenticated request. Times are NumericDates (RFC 7519 §2) in seconds. */
export interface Principal {
  readonly issuer: string;
  /** `sub`: the user, or the client for a client's own token. */
  readonly subject: string;
  /** `client_id` (RFC 9068 §2.2). Absent only with `claimNames: { clientId: null }`. */
  readonly clientId?: string;
  readonly scopes: ReadonlySet<string>;
  /** `sid`: the session of the login. Absent for a client's own token. */
  readonly sessionId?: string;
  readonly expiresAt: number;
  readonly authenticatedAt?: number;
  /** `act` (RFC 8693 §4.1): the party that acts for the subject. */
  readonly actor?: Actor;
}

/**
 * The principal of an access token, and data about the token. The object is frozen, because all
 * requests with the same token share it.
 */
export interface TokenPrincipal extends Principal {
  readonly audience: readonly string[];
  /** `jti`. Safe to log, unlike the token. Absent only with `claimNames: { tokenId: null }`. */
  readonly tokenId?: string;
  readonly issuedAt: number;
  /** `nbf`, if the token has one. */
  readonly notBefore?: number;
  /** `kid` of the key that signed the token. */
  readonly keyId: string;
}
