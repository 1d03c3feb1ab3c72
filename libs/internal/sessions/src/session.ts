import type { SessionId } from './session-id.js';

/** One log-in of one user on one device, as whoever holds its credential may know it. */
export interface Session {
  /** `sid`: the same as in access tokens of this session. Not secret. */
  readonly id: SessionId;
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Whatever else the user should recognise it by. */
  readonly userAgent?: string | undefined;
  /** When the password was checked: a NumericDate in seconds. */
  readonly authenticatedAt: number;
  /** Milliseconds since 1970, as all that follow. */
  readonly createdAt: number;
  /** Up to `touchIntervalSeconds` older than the last use. */
  readonly lastUsedAt: number;
  /** It ends then, however much it is used. */
  readonly expiresAt: number;
}

/** What a store holds of it. */
export interface StoredSession extends Session {
  /** SHA-256 of the credential's secret: who reads the store cannot use its sessions. */
  readonly secretDigest: Uint8Array;
}
