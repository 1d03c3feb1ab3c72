import type { Revocation } from '@latchkey/contracts';
import { LOGGER, ProblemError } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { EntityManager } from 'typeorm';
import { ClientStore } from '../clients/client-store.js';
import type { ClientId } from '../platform/ids/stored-id.js';
import { RevocationRecord } from '../revocations/revocation-record.js';
import { Revocations, type Committed } from '../revocations/revocations.js';
import { CookieSessions } from '../sessions/cookie-sessions/cookie-sessions.js';
import { SessionRevocation } from '../sessions/session-revocation.js';
import { SessionRecord } from '../sessions/session-record.js';
import { ExchangedTokenStore } from '../oauth/token-exchange/exchanged-token-store.js';
import { isAdministrator, UserStore } from '../accounts/users/user-store.js';
import type { UserEntity } from '../accounts/users/user.entity.js';

const notFound = (resource: string) =>
  new ProblemError(404, `${resource}_not_found`, `There is no such ${resource}`);

const lastAdministrator = () =>
  new ProblemError(409, 'last_administrator', 'This is the only administrator', {
    detail:
      'no one could enable this account again: first enable another administrator, or create one by ' +
      'restarting with a different INITIAL_ADMIN_USERNAME',
  });

/** Administrative actions on users, sessions and clients. `by` is the administrator's id, for the log. */
@Injectable()
export class AdminService {
  constructor(
    private readonly users: UserStore,
    private readonly sessions: SessionRecord,
    private readonly clients: ClientStore,
    private readonly revocations: Revocations,
    private readonly sessionRevocation: SessionRevocation,
    private readonly record: RevocationRecord,
    private readonly exchangedTokens: ExchangedTokenStore,
    private readonly cookies: CookieSessions,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Ends all sessions and blocks log-in. @throws ProblemError 404, or 409 for the last administrator */
  async disableUser(username: string, by: string): Promise<Committed> {
    const user = await this.#user(username);
    const { id } = user;
    const committed = await this.revocations.commit(async (manager) => {
      if (isAdministrator(user)) await this.#refuseTheLast(manager, user);
      const ended = await this.sessionRevocation.endAll(manager, id, 'user_disabled');
      await this.users.disable(manager, id);
      return ended;
    });
    this.log.info({ by, subject: id }, 'user disabled');
    return committed;
  }

  /** Lets the user log in again; ended sessions stay ended. @throws ProblemError 404 */
  async enableUser(username: string, by: string): Promise<void> {
    const { id } = await this.#user(username);
    await this.users.enable(id);
    this.log.info({ by, subject: id }, 'user enabled');
  }

  /** @throws ProblemError 404 */
  async endSession(id: string, by: string): Promise<Committed> {
    const session = await this.sessions.find(id);
    if (!session) throw notFound('session');
    const committed = await this.revocations.commit(
      (manager) => this.sessionRevocation.end(manager, session, 'session_ended_by_admin'),
      { ending: [session] },
    );
    this.log.info({ by, sessionId: session.id }, 'session ended by an administrator');
    return committed;
  }

  /** Ends all of the client's sessions and voids its credentials. @throws ProblemError 404 */
  async revokeClient(id: string, by: string): Promise<Committed> {
    const clientId = await this.clients.find(id);
    if (clientId === undefined) throw notFound('client');
    await this.clients.voidCredentials(clientId);
    const committed = await this.revocations.commit((manager) =>
      this.#revokeClient(manager, clientId),
    );
    this.log.info({ by, clientId }, 'client revoked');
    return committed;
  }

  /** The lock prevents two administrators from disabling each other at the same time. */
  async #refuseTheLast(manager: EntityManager, { id, disabled }: UserEntity): Promise<void> {
    await this.users.holdAdministrators(manager);
    if (!disabled && !(await this.users.hasOtherAdministrator(manager, id)))
      throw lastAdministrator();
  }

  async #revokeClient(manager: EntityManager, clientId: ClientId): Promise<Revocation[]> {
    await this.clients.lock(manager, clientId);
    // An issued token's `iat` may be up to a second ahead (ADR 0006); wait until it has passed.
    await manager.query('SELECT pg_sleep(1)');
    const revocation = await this.record.revoke(manager, { trigger: 'client_revoked', clientId });
    if (revocation.kind === 'client')
      await this.clients.setTokensValidFrom(manager, clientId, revocation.before);
    await this.cookies.end(await this.sessions.withCookie(manager, { clientId }));
    // Exchanged tokens belong to other clients, so the revocation above does not cover them.
    const origin = { kind: 'client', id: clientId } as const;
    return [revocation, ...(await this.exchangedTokens.revokeFrom(manager, origin))];
  }

  async #user(username: string): Promise<UserEntity> {
    const user = await this.users.findByName(username);
    if (!user) throw notFound('user');
    return user;
  }
}
