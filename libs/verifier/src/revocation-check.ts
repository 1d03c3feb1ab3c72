/** What identifies a token to a deny-list. */
export interface TokenIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly clientId?: string;
  readonly tokenId?: string;
  readonly sessionId?: string;
  /** `iat`, NumericDate in seconds. */
  readonly issuedAt: number;
  readonly keyId: string;
}

/**
 * All that the verifier asks of a deny-list; `DenyList` of `@latchkey/deny-list` fits it.
 * Every call is synchronous and in memory: verification never waits for a network.
 */
export interface RevocationCheck {
  /** False until the deny-list has been filled for the first time. */
  readonly loaded: boolean;
  /** Whether any revocation matches this token. */
  isRevoked(token: TokenIdentity): boolean;
  /**
   * The same question about one token, if it is cheaper to ask it more than once. Whatever is
   * prepared must answer with what is known at the moment that it is asked.
   */
  prepare?(token: TokenIdentity): { isRevoked(): boolean };
  /**
   * Whether every revocation of this issuer up to that number has been applied, now or within that
   * time. Without it a call that names a number cannot be judged.
   */
  waitForSerial?(issuer: string, serial: number, withinMilliseconds: number): Promise<boolean>;
  /** Age of what is known about this issuer, in seconds: now − the last watermark applied. */
  stalenessSeconds(issuer: string): number;
  /**
   * By how many seconds the issuer's clock is ahead of this machine's; undefined while that is not
   * known. With it a token that is valid by the issuer's clock is not refused for this machine's wrong
   * one: it cannot be judged.
   */
  clockOffsetSeconds?(issuer: string): number | undefined;
}

/** What a verifier does with a good token when its deny-list is older than `maxStalenessSeconds`. */
export type WhenStale =
  /** Go on: never worse than a plain JWT. */
  | 'accept'
  /** Throw {@link VerifierUnavailableError} `revocations_stale`, a 503 on HTTP. */
  | 'refuse'
  /** Ask the issuer about this token (RFC 7662); without an answer `introspection_unavailable`, a 503. */
  | 'ask';
