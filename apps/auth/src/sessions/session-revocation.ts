import { REVOCATION_TRIGGERS, type Revocation, type RevocationTrigger } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { RevocationRecord } from '../revocations/revocation-record.js';
import { CookieSessions } from '../cookie-sessions/cookie-sessions.js';
import { UserStore } from '../users/user-store.js';
import { SessionStore } from './session-store.js';

type TriggerOf<Kind> = {
  [Trigger in RevocationTrigger]: (typeof REVOCATION_TRIGGERS)[Trigger] extends Kind
    ? Trigger
    : never;
}[RevocationTrigger];

/** What ends one session. */
export type SessionTrigger = TriggerOf<'session'>;
/** What ends all of a user's. */
export type SubjectTrigger = TriggerOf<'subject'>;

/**
 * Ends sessions, and records in the same transaction that their tokens are not to be honoured. Cookies
 * end before that is committed: a store that is away fails it all, and nobody is told that a session
 * ended whose cookie still works.
 */
@Injectable()
export class SessionRevocation {
  constructor(
    private readonly sessions: SessionStore,
    private readonly users: UserStore,
    private readonly record: RevocationRecord,
    private readonly cookies: CookieSessions,
  ) {}

  /** @returns nothing to publish when the session had ended before */
  async end(
    manager: EntityManager,
    { id: sessionId, userId: subject }: { id: string; userId: string },
    trigger: SessionTrigger,
  ): Promise<Revocation[]> {
    const ended = await this.sessions.end(manager, sessionId, trigger);
    if (!ended) return [];
    if (ended.hasCookie) await this.cookies.end([sessionId]);
    const what = { trigger, sessionId, subject };
    return [await this.record.revoke(manager, what, ended.newestIssuedAt)];
  }

  /**
   * Ends every session that the user has, by one time that all must be younger than. A token is
   * signed while its account is held (see `Grant`): it is either issued before this, and covered
   * by its `iat`, which the record remembers, or after it.
   */
  async endAll(
    manager: EntityManager,
    userId: string,
    trigger: SubjectTrigger,
  ): Promise<Revocation[]> {
    await this.users.lock(manager, userId);
    const issuedUntil = await this.sessions.newestIssuedAt(manager, userId);
    await this.cookies.end(await this.sessions.withCookie(manager, { userId }));
    const revocation = await this.record.revoke(manager, { trigger, subject: userId }, issuedUntil);
    if (revocation.kind === 'subject')
      await this.users.setTokensValidFrom(manager, userId, revocation.before);
    return [revocation];
  }
}
