import { REVOCATION_TRIGGERS, type Revocation, type RevocationTrigger } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { RevocationRecord } from '../revocations/revocation-record.js';
import { CookieSessions } from './cookie-sessions/cookie-sessions.js';
import { UserStore } from '../accounts/users/user-store.js';
import type { SessionId, UserId } from '../platform/ids/stored-id.js';
import { SessionRecord } from './session-record.js';

type TriggerOf<Kind> = {
  [Trigger in RevocationTrigger]: (typeof REVOCATION_TRIGGERS)[Trigger] extends Kind
    ? Trigger
    : never;
}[RevocationTrigger];

/** What ends one session. */
export type SessionTrigger = TriggerOf<'session'>;
/** What ends all of a user's. */
export type SubjectTrigger = TriggerOf<'subject'>;

/** What is to be ended; looked up in the record, or named by a credential of ours. */
export interface EndingSession {
  readonly id: SessionId;
  /** Known not to have a token that a verifier would accept. */
  readonly tokensHaveExpired?: boolean;
}

/**
 * Ends sessions, and records in the same transaction that their tokens are not to be honoured. Cookies
 * end before that is committed: a store that is away fails it all, and nobody is told that a session
 * ended whose cookie still works.
 */
@Injectable()
export class SessionRevocation {
  constructor(
    private readonly sessions: SessionRecord,
    private readonly users: UserStore,
    private readonly record: RevocationRecord,
    private readonly cookies: CookieSessions,
  ) {}

  /**
   * Ends the cookie whether or not the session had ended before.
   *
   * @returns nothing to publish when the session had ended before
   */
  async end(
    manager: EntityManager,
    ending: EndingSession,
    trigger: SessionTrigger,
  ): Promise<Revocation[]> {
    const session = await this.sessions.end(manager, ending.id, trigger);
    if (!session) return this.#endUnrecorded(manager, ending, trigger);
    const { id, userId: subject, hasCookie, endedNow, newestIssuedAt } = session;
    if (hasCookie) await this.cookies.end([id]);
    if (!endedNow) return [];
    const what = { trigger, sessionId: id, subject };
    return [await this.record.revoke(manager, what, newestIssuedAt)];
  }

  /**
   * A credential of ours names a session without a row: a database that was put back to an earlier
   * state has lost it, and verifiers still honour its tokens.
   */
  async #endUnrecorded(
    manager: EntityManager,
    { id: sessionId, tokensHaveExpired }: EndingSession,
    trigger: SessionTrigger,
  ): Promise<Revocation[]> {
    await this.cookies.endIfStored(sessionId);
    if (tokensHaveExpired) return [];
    return [await this.record.revoke(manager, { trigger, sessionId })];
  }

  /**
   * Ends every session that the user has, by one time that all must be younger than. A token is
   * signed while its account is held (see `Grant`): it is either issued before this, and covered
   * by its `iat`, which the record remembers, or after it.
   */
  async endAll(
    manager: EntityManager,
    userId: UserId,
    trigger: SubjectTrigger,
  ): Promise<Revocation[]> {
    await this.users.lock(manager, userId);
    const issuedUntil = await this.sessions.newestIssuedAt(manager, userId);
    await this.cookies.endAll(userId, await this.sessions.withCookie(manager, { userId }));
    const revocation = await this.record.revoke(manager, { trigger, subject: userId }, issuedUntil);
    if (revocation.kind === 'subject')
      await this.users.setTokensValidFrom(manager, userId, revocation.before);
    return [revocation];
  }
}
