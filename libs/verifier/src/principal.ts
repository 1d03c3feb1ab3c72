import type { Actor } from '@latchkey/contracts';

/**
 * Whom a verified request speaks for, however it was verified. Times are NumericDates in seconds
 * (RFC 7519 §2).
 */
export interface Principal {
  readonly issuer: string;
  /** `sub`: the user, or the client itself for a client's own token. */
  readonly subject: string;
  /** `client_id` (RFC 9068 §2.2); absent only for an issuer with `claimNames: { clientId: null }`. */
  readonly clientId?: string;
  readonly scopes: ReadonlySet<string>;
  /** `sid`: the session that a log-out ends; absent for a client's own token. */
  readonly sessionId?: string;
  readonly expiresAt: number;
  readonly authenticatedAt?: number;
  /** `act` (RFC 8693 §4.1): who acts for the subject. */
  readonly actor?: Actor;
}

/**
 * What an access token says of its principal, and of itself.
 *
 * Frozen, since one object serves every request with the same token.
 */
export interface TokenPrincipal extends Principal {
  readonly audience: readonly string[];
  /**
   * `jti`, the only identity of a token that may be logged; absent only for an issuer with
   * `claimNames: { tokenId: null }`.
   */
  readonly tokenId?: string;
  readonly issuedAt: number;
  /** `nbf`, if the token has one. */
  readonly notBefore?: number;
  /** `kid` of the key that signed it. */
  readonly keyId: string;
}
