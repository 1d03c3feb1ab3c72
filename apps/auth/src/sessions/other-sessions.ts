import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { UserStore } from '../accounts/users/user-store.js';
import { AuditLog } from '../platform/audit/audit-log.js';
import type { SessionId } from '../platform/ids/stored-id.js';
import {
  Revocations,
  type Committed,
  type RevocationsAndResult,
} from '../revocations/revocations.js';
import { invalidToken } from './invalid-token.js';
import type { LiveSessionEntity } from './live-session.entity.js';
import { SessionRecord } from './session-record.js';
import { SessionRevocation } from './session-revocation.js';

/** Ends the sessions of a user on other devices. */
@Injectable()
export class OtherSessions {
  constructor(
    private readonly users: UserStore,
    private readonly sessions: SessionRecord,
    private readonly revocations: Revocations,
    private readonly sessionRevocation: SessionRevocation,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Ends every session of the account but this one, in one transaction.
   *
   * @throws ProblemError 401 if this session has ended meanwhile: an ended session must not end others
   */
  async end(kept: string): Promise<Committed> {
    const session = await this.sessions.findLive(kept);
    if (!session) throw invalidToken();
    const { userId } = session;
    const { result: ended, ...committed } = await this.revocations.commitWith(
      (manager) => this.#end(manager, session),
      { ending: { userId } },
    );
    for (const sessionId of ended)
      this.audit.record('session_ended', { subject: userId, sessionId });
    return committed;
  }

  async #end(
    manager: EntityManager,
    session: LiveSessionEntity,
  ): Promise<RevocationsAndResult<SessionId[]>> {
    await this.users.lock(manager, session.userId);
    if (!(await this.sessions.findLive(session.id, manager))) throw invalidToken();
    return this.sessionRevocation.endOthers(manager, session, 'session_ended');
  }
}
