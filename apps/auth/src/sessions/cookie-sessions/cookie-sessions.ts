import { unavailable } from '@latchkey/service-kit';
import {
  Sessions,
  SessionStoreUnavailableError,
  type Session,
  type StartedSession,
} from '@latchkey/sessions';
import { Injectable, Optional } from '@nestjs/common';
import type { SessionId, UserId } from '../../platform/ids/stored-id.js';
import type { LiveSession } from '../session-record.js';

const CODE = 'session_store_unavailable';
const storeAway = (cause: unknown) => unavailable(CODE, 'The session store does not answer', cause);

/**
 * The cookies of sessions, in the store that the services share. The record says which sessions there
 * are; the store, which cookies are good.
 */
@Injectable()
export class CookieSessions {
  constructor(@Optional() private readonly sessions?: Sessions) {}

  /** Whether this service has a store to ask. */
  get stored(): boolean {
    return this.sessions !== undefined;
  }

  /** A cookie for a session that has just begun. @throws ProblemError 503 */
  start({ id, userId: subject, ...session }: LiveSession): Promise<StartedSession> {
    return this.#ask((sessions) =>
      sessions.start({
        id,
        subject,
        clientId: session.clientId,
        scopes: session.scope.split(' '),
        userAgent: session.userAgent ?? undefined,
        authenticatedAt: session.authTime,
      }),
    );
  }

  /** From then on no service takes their cookies. @throws ProblemError 503 */
  async end(ids: readonly SessionId[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#ask((sessions) => Promise.all(ids.map((id) => sessions.end(id))));
  }

  /** The same for a session that the record does not know. @throws ProblemError 503 */
  async endIfStored(id: SessionId): Promise<void> {
    if (this.sessions) await this.end([id]);
  }

  /**
   * Ends every cookie of a user: those of the sessions that the record knows, and whatever else the
   * store has. Users without such sessions are not kept waiting for a store that is away.
   *
   * @throws ProblemError 503
   */
  async endAll(subject: UserId, known: readonly SessionId[]): Promise<void> {
    await this.end(known);
    try {
      await this.sessions?.endAll(subject);
    } catch (error) {
      if (!(error instanceof SessionStoreUnavailableError)) throw error;
      if (known.length > 0) throw storeAway(error);
    }
  }

  /** Those whose cookie is good. @throws ProblemError 503 */
  list(subject: string): Promise<Session[]> {
    return this.#ask((sessions) => sessions.list(subject));
  }

  async #ask<Reply>(question: (sessions: Sessions) => Promise<Reply>): Promise<Reply> {
    // There are such sessions: whoever still takes their cookies must not be left alone with them.
    if (!this.sessions) throw unavailable(CODE, 'SESSION_STORE_URL is not configured here');
    try {
      return await question(this.sessions);
    } catch (error) {
      if (!(error instanceof SessionStoreUnavailableError)) throw error;
      throw storeAway(error);
    }
  }
}
