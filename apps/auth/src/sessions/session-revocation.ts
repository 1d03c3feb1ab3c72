import { REVOCATION_TRIGGERS, type Revocation, type RevocationTrigger } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RevocationsAndResult } from '../revocations/revocations.js';
import { RevocationRecord } from '../revocations/revocation-record.js';
import { CookieSessions } from './cookie-sessions/cookie-sessions.js';
import { UserStore } from '../accounts/users/user-store.js';
import type { SessionId, UserId } from '../platform/ids/stored-id.js';
import type { LiveSessionEntity } from './live-session.entity.js';
import { SessionRecord } from './session-record.js';

type TriggerOf<Kind> = {
  [Trigger in RevocationTrigger]: (typeof REVOCATION_TRIGGERS)[Trigger] extends Kind
    ? Trigger
    : never;
}[RevocationTrigger];

/** The reasons for ending one session. */
export type SessionTrigger = TriggerOf<'session'>;
/** The reasons for ending all sessions of a user. */
export type SubjectTrigger = TriggerOf<'subject'>;

/** A session to end, found in the database or named by a credential that this service signed. */
export interface EndingSession {
  readonly id: SessionId;
  /** True if no verifier can accept a token of this session any more. */
  readonly tokensHaveExpired?: boolean;
}

/**
 * Ends sessions and records the revocation of their tokens in the same transaction. Cookies end
 * before the commit, so that an unavailable session store fails the log-out: no answer claims the
 * end of a session whose cookie still works.
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
   * Ends the session and its cookie. The cookie ends even if the session already has.
   *
   * @returns the revocations to publish; none if the session had ended before
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
   * Ends every session of a user but one: the live ones, and those that have lapsed while their last token may still
   * be valid. The caller must have locked the account, so that no log-in comes between.
   *
   * @returns the revocations to publish, and the sessions that ended now
   */
  async endOthers(
    manager: EntityManager,
    { userId, id: kept }: Pick<LiveSessionEntity, 'userId' | 'id'>,
    trigger: SessionTrigger,
  ): Promise<RevocationsAndResult<SessionId[]>> {
    const others = (await this.sessions.listAccepted(manager, userId))
      .filter((id) => id !== kept)
      // As log-outs with several credentials do, which prevents deadlocks.
      .sort();
    const revocations: Revocation[] = [];
    const result: SessionId[] = [];
    for (const id of others) {
      const ofOne = await this.end(manager, { id }, trigger);
      if (ofOne.length > 0) result.push(id);
      revocations.push(...ofOne);
    }
    return { revocations, result };
  }

  /**
   * Revokes a session that has no row. A database restored from a backup may have lost the session
   * while verifiers still accept its tokens.
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
   * Ends all sessions of a user by setting the time before which issued tokens are invalid. `TokenIssuance`
   * signs while it holds the account, so every token is either signed before this call, and covered
   * because its `iat` is recorded, or after it.
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
