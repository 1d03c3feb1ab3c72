import type { Revocation } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import type { UserId } from '../../platform/ids/stored-id.js';
import { Revocations, type Committed } from '../../revocations/revocations.js';
import { AuditLog } from '../../platform/audit/audit-log.js';
import { SessionRevocation } from '../session-revocation.js';
import { SessionRecord } from '../session-record.js';
import { invalidToken } from '../invalid-token.js';
import type { PresentedSession } from './presented-sessions.js';

@Injectable()
export class LogoutService {
  constructor(
    private readonly revocations: Revocations,
    private readonly sessionRevocation: SessionRevocation,
    private readonly sessions: SessionRecord,
    private readonly audit: AuditLog,
  ) {}

  async logOut(sessions: readonly PresentedSession[]): Promise<Committed> {
    const { result, ...committed } = await this.revocations.commitWith(
      async (manager) => {
        const all: Revocation[] = [];
        for (const session of inOrder(sessions, ({ id }) => id))
          all.push(...(await this.sessionRevocation.end(manager, session, 'logout')));
        return { revocations: all, result: all };
      },
      { ending: sessions },
    );
    for (const ended of result)
      if (ended.kind === 'session')
        this.audit.record('logout', { subject: ended.subject, sessionId: ended.sessionId });
    return committed;
  }

  /**
   * Ends all sessions of the accounts that own the live sessions among those presented. An expired
   * token is enough, but a session that has ended must not end others.
   *
   * @returns the revocation and the owners
   * @throws ProblemError 401 if none of the sessions is live
   */
  async logOutEverywhere(
    presented: readonly PresentedSession[],
  ): Promise<{ committed: Committed; userIds: ReadonlySet<UserId> }> {
    const live = await Promise.all(presented.map(({ id }) => this.sessions.findLive(id)));
    const userIds = new Set(live.flatMap((session) => (session ? [session.userId] : [])));
    if (userIds.size === 0) throw invalidToken();
    const committed = await this.revocations.commit(async (manager) => {
      const all: Revocation[] = [];
      for (const userId of inOrder([...userIds], (id) => id))
        all.push(...(await this.sessionRevocation.endAll(manager, userId, 'logout_everywhere')));
      return all;
    });
    for (const subject of userIds) this.audit.record('logout_everywhere', { subject });
    return { committed, userIds };
  }
}

/** Every request locks rows in the same order, which prevents deadlocks. */
const inOrder = <One>(all: readonly One[], keyOf: (one: One) => string): One[] =>
  [...all].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
