import type { SessionId } from './session-id.js';
import type { StoredSession } from './session.js';

/** The store cannot tell whether a session lives. Never an open door: the answer is a 503. */
export class SessionStoreUnavailableError extends Error {
  override readonly name = 'SessionStoreUnavailableError';
  constructor(options?: ErrorOptions) {
    super('the session store does not answer', options);
  }
}

/**
 * Where all replicas keep their sessions. A session that has ended, or that was not touched for as
 * long as it was given, is not found.
 *
 * Every method throws {@link SessionStoreUnavailableError} rather than guess.
 */
export abstract class SessionStore {
  /** @param idleMilliseconds it is gone after this, unless it is touched */
  abstract add(session: StoredSession, idleMilliseconds: number): Promise<void>;

  /** @param id compared letter by letter */
  abstract find(id: string): Promise<StoredSession | undefined>;

  /**
   * Writes down a use of a session and prolongs it; one that has ended meanwhile stays so. Many requests
   * may do so at the same moment, of which one is enough.
   *
   * @param found as it was before
   * @param lastUsedAt milliseconds since 1970
   * @param idleMilliseconds it is gone after this, unless it is touched again
   */
  abstract touch(found: StoredSession, lastUsedAt: number, idleMilliseconds: number): Promise<void>;

  /** From its answer on, no replica finds it. @returns whether there was one */
  abstract end(id: SessionId): Promise<boolean>;

  /** Ends every session of this subject that was added before. @returns how many there were */
  abstract endAll(subject: string): Promise<number>;

  /** Those that are alive, newest first. */
  abstract list(subject: string): Promise<StoredSession[]>;
}
