import type { SessionId } from './session-id.js';

/** One log-in of one user on one device, without the secret. */
export interface Session {
  /** The `sid` claim of access tokens of this session. Not secret. */
  readonly id: SessionId;
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Helps users to recognize the session in a list. */
  readonly userAgent?: string | undefined;
  /** Time of the password check, as a NumericDate in seconds. */
  readonly authenticatedAt: number;
  /** Milliseconds since 1970, as are the following times. */
  readonly createdAt: number;
  /** May be up to `touchIntervalSeconds` earlier than the last use. */
  readonly lastUsedAt: number;
  /** End of the session, even if it is in use. */
  readonly expiresAt: number;
}

/** A session as stores keep it. */
export interface StoredSession extends Session {
  /** SHA-256 of the credential's secret, so that a leaked store does not leak usable sessions. */
  readonly secretDigest: Uint8Array;
}
