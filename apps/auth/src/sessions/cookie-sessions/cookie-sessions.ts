import { unavailable } from '@latchkey/service-kit';
import {
  Sessions,
  SessionStoreUnavailableError,
  type Session,
  type StartedSession,
} from '@latchkey/sessions';
import { Injectable, Optional } from '@nestjs/common';
import { UserScopes } from '../../accounts/users/user-scopes.js';
import type { SessionId, UserId } from '../../platform/ids/stored-id.js';
import type { LiveSessionEntity } from '../live-session.entity.js';

const CODE = 'session_store_unavailable';
const storeUnavailable = (cause: unknown) =>
  unavailable(CODE, 'The session store does not answer', cause);

/**
 * Session cookies, kept in the store that all services share. The database knows which sessions
 * exist; the store knows which cookies are valid.
 */
@Injectable()
export class CookieSessions {
  constructor(
    private readonly scopes: UserScopes,
    @Optional() private readonly sessions?: Sessions,
  ) {}

  /** True if a session store is configured. */
  get stored(): boolean {
    return this.sessions !== undefined;
  }

  /** Creates the cookie of a new session. @throws ProblemError 503 */
  start(session: LiveSessionEntity): Promise<StartedSession> {
    return this.#ask((sessions) =>
      sessions.start({
        id: session.id,
        subject: session.userId,
        clientId: session.clientId,
        scopes: this.scopes.scopesOf(session),
        userAgent: session.userAgent ?? undefined,
        authenticatedAt: session.authTime,
      }),
    );
  }

  /**
   * Finds the session of a cookie's value, and extends it.
   *
   * @returns undefined if the cookie is not valid
   * @throws ProblemError 503
   */
  find(credential: string): Promise<Session | undefined> {
    return this.#ask((sessions) => sessions.find(credential));
  }

  /** Ends cookies: after this, no service accepts them. @throws ProblemError 503 */
  async end(ids: readonly SessionId[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#ask((sessions) => Promise.all(ids.map((id) => sessions.end(id))));
  }

  /** Ends the cookie of a session that the database may not know. @throws ProblemError 503 */
  async endIfStored(id: SessionId): Promise<void> {
    if (this.sessions) await this.end([id]);
  }

  /**
   * Ends every cookie of a user: those of the sessions in the database, and any others in the store.
   * An unavailable store is an error only for users who have cookie sessions.
   *
   * @throws ProblemError 503
   */
  async endAll(subject: UserId, known: readonly SessionId[]): Promise<void> {
    await this.end(known);
    try {
      await this.sessions?.endAll(subject);
    } catch (error) {
      if (!(error instanceof SessionStoreUnavailableError)) throw error;
      if (known.length > 0) throw storeUnavailable(error);
    }
  }

  /** Lists the sessions whose cookie is valid. @throws ProblemError 503 */
  list(subject: string): Promise<Session[]> {
    return this.#ask((sessions) => sessions.list(subject));
  }

  async #ask<Reply>(call: (sessions: Sessions) => Promise<Reply>): Promise<Reply> {
    // Cookie sessions exist, so other services may still accept cookies that must end.
    if (!this.sessions)
      throw unavailable(CODE, 'There are cookie sessions, but SESSION_STORE_URL is not set');
    try {
      return await call(this.sessions);
    } catch (error) {
      if (!(error instanceof SessionStoreUnavailableError)) throw error;
      throw storeUnavailable(error);
    }
  }
}
