/** The claims and header parameters by which a revocation can match a token. */
export interface TokenIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly clientId?: string;
  readonly tokenId?: string;
  readonly sessionId?: string;
  /** `iat` in seconds since 1970 (NumericDate, RFC 7519 §2). */
  readonly issuedAt: number;
  readonly keyId: string;
}
