import type { TokenReply } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import type { Session } from '@latchkey/sessions';
import { SessionCookie } from '@latchkey/sessions-nestjs';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ClientStore } from '../../clients/client-store.js';
import { TokenIssuance } from '../token-issuance.js';
import { SessionRecord } from '../session-record.js';
import { UserStore } from '../../accounts/users/user-store.js';

@Injectable()
export class SessionTokenService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionRecord,
    private readonly users: UserStore,
    private readonly clients: ClientStore,
    private readonly issuance: TokenIssuance,
    private readonly cookie: SessionCookie,
  ) {}

  /**
   * Locks in the global order, which prevents deadlocks: client, account, session.
   *
   * @throws ProblemError 401 if the session has ended, or 503
   */
  async issue({ id, subject, clientId }: Session): Promise<TokenReply> {
    await this.issuance.prepare();
    return this.dataSource.transaction(async (manager) => {
      await this.clients.lockShared(manager, clientId);
      await this.users.lockShared(manager, subject);
      await this.sessions.lock(manager, id);
      const session = await this.sessions.findLive(id, manager);
      if (!session) throw this.#sessionEnded();
      return (await this.issuance.issue(manager, session, undefined)).tokens;
    });
  }

  /** The same as without this race, with the challenge that RFC 9110 §15.5.2 requires. */
  #sessionEnded(): ProblemError {
    return new ProblemError(401, 'invalid_session', 'The session has ended', {
      headers: { 'www-authenticate': `Cookie cookie-name="${this.cookie.name}"` },
    });
  }
}
