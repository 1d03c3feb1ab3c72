/** The parts of a token that a revocation can match. */
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
 * The deny-list of a verifier, such as `DenyList` of `@latchkey/deny-list`. Look-ups are synchronous and
 * in memory, so that verification does not wait for the network.
 */
export interface RevocationCheck {
  /** False until the deny-list has been loaded for the first time. */
  readonly loaded: boolean;
  /** Returns whether a revocation matches this token. */
  isRevoked(token: TokenIdentity): boolean;
  /**
   * Optional: prepares repeated look-ups of one token. Each look-up must reflect the revocations that are
   * known at that time.
   */
  prepare?(token: TokenIdentity): { isRevoked(): boolean };
  /**
   * Optional: waits until all revocations of the issuer up to this serial number have been applied.
   * Without it, every call with `minSerial` fails with `revocations_behind`.
   *
   * @returns false if they have not been applied within the time
   */
  waitForSerial?(issuer: string, serial: number, withinMilliseconds: number): Promise<boolean>;
  /**
   * The age of the issuer's newest applied watermark, in seconds; Infinity before the first. A watermark
   * is the issuer's signed statement, sent every second, that says which revocations exist.
   */
  stalenessSeconds(issuer: string): number;
  /**
   * Optional: returns by how many seconds the issuer's clock is ahead of this machine's, or undefined if
   * unknown. It lets the verifier report a wrong clock instead of rejecting valid tokens.
   */
  clockOffsetSeconds?(issuer: string): number | undefined;
}

/** What to do with a valid token when the deny-list is older than `maxStalenessSeconds`. */
export type WhenStale =
  /** Accept the token, as without a deny-list. */
  | 'accept'
  /** Throw {@link VerifierUnavailableError} `revocations_stale`. */
  | 'refuse'
  /** Ask the issuer about the token (RFC 7662), or throw `introspection_unavailable` if it does not answer. */
  | 'ask';
