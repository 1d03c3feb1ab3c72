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
  /** The transaction that the request is part of, if it came with a transaction token. */
  readonly transaction?: Transaction;
}

/**
 * The transaction that a transaction token is part of. It is deeply frozen, and can hold personal data: do not log
 * it.
 */
export interface Transaction {
  /** `txn`: the same in every call of the transaction. Safe to log. */
  readonly id: string;
  /** `req_wl`: the workload that asked for the token, preceded by those that asked for the tokens it replaces. */
  readonly requestingWorkloads: readonly string[];
  /** `rctx`: the environment of the request. Empty without the claim. */
  readonly requestContext: Readonly<Record<string, unknown>>;
  /** `tctx`: the details of the transaction. Empty without the claim. */
  readonly details: Readonly<Record<string, unknown>>;
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

/**
 * The principal of a transaction token: the subject of the transaction, with the scopes that the
 * transaction is for. `clientId` is the workload that asked for the token, and `audience` the trust domain.
 */
export interface TransactionPrincipal extends TokenPrincipal {
  readonly transaction: Transaction;
}
