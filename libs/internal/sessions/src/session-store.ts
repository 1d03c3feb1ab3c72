import type { SessionId } from './session-id.js';
import type { StoredSession } from './session.js';

/** The store cannot tell whether a session is alive. Requests fail with 503; they are never let through. */
export class SessionStoreUnavailableError extends Error {
  override readonly name = 'SessionStoreUnavailableError';
  constructor(options?: ErrorOptions) {
    super('The session store does not answer', options);
  }
}

/**
 * Storage for sessions, shared by all replicas. Sessions that have ended or expired are not found.
 *
 * Every method throws {@link SessionStoreUnavailableError} if the store does not answer.
 */
export abstract class SessionStore {
  /** @param idleMilliseconds time after which the session expires unless it is touched */
  abstract add(session: StoredSession, idleMilliseconds: number): Promise<void>;

  /** @param id compared byte by byte */
  abstract find(id: string): Promise<StoredSession | undefined>;

  /**
   * Records a use of a session and extends it. Must not revive a session that has ended meanwhile. If
   * several requests touch a session at once, a store may record one of them.
   *
   * @param found the session as it was read
   * @param lastUsedAt milliseconds since 1970
   * @param idleMilliseconds time after which the session expires unless it is touched again
   */
  abstract touch(found: StoredSession, lastUsedAt: number, idleMilliseconds: number): Promise<void>;

  /** Ends a session. Once this resolves, no replica finds it. @returns whether it was alive */
  abstract end(id: SessionId): Promise<boolean>;

  /** Ends all sessions of a subject that were added before. @returns how many were alive */
  abstract endAll(subject: string): Promise<number>;

  /** Lists the sessions of a subject that are alive, newest first. */
  abstract list(subject: string): Promise<StoredSession[]>;
}
