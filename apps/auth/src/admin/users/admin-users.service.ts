import type {
  CreateUserRequest,
  SessionListReply,
  UserListReply,
  UserPageQuery,
  UserReply,
} from '@latchkey/contracts/auth-api';
import { notFound, pageOf, ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PasswordHasher } from '../../accounts/passwords/password-hasher.js';
import { refuseOwnName, refuseWeakPassword } from '../../accounts/passwords/weak-password.js';
import { isAdministrator, rolesOf, UserScopes } from '../../accounts/users/user-scopes.js';
import { UserStore } from '../../accounts/users/user-store.js';
import type { UserEntity } from '../../accounts/users/user.entity.js';
import type { Sender } from '../../platform/admission/sender.js';
import { AuditLog } from '../../platform/audit/audit-log.js';
import { ADMIN_ROLE } from '../../platform/settings.js';
import { Revocations, type Committed } from '../../revocations/revocations.js';
import { SessionList } from '../../sessions/session-list.js';
import { SessionRevocation } from '../../sessions/session-revocation.js';

export const usernameTaken = () =>
  new ProblemError(409, 'username_taken', 'A user already has this name', {
    errors: [{ in: 'body', field: '/username', message: 'is taken' }],
  });

/** @param indexes the places of the unknown roles in the request */
export const unknownRoles = (indexes: readonly number[], known: string) =>
  new ProblemError(422, 'unknown_role', 'A role is not known', {
    detail: known,
    errors: indexes.map((index) => ({
      in: 'body',
      field: `/roles/${index}`,
      message: `is unknown: ${known}`,
    })),
  });

export const lastAdministrator = () =>
  new ProblemError(409, 'last_administrator', 'This is the only enabled administrator', {
    detail:
      'no one could undo this: first make another user an administrator (PUT /admin/users/NAME/roles) or ' +
      'enable one, or create one by restarting with a different INITIAL_ADMIN_USERNAME',
  });

/** Administrative acts on users. `by` is the administrator's id, for the audit. */
@Injectable()
export class AdminUsersService {
  constructor(
    private readonly users: UserStore,
    private readonly scopes: UserScopes,
    private readonly hasher: PasswordHasher,
    private readonly revocations: Revocations,
    private readonly sessionRevocation: SessionRevocation,
    private readonly sessionList: SessionList,
    private readonly audit: AuditLog,
  ) {}

  async list({ limit, after, search }: UserPageQuery): Promise<UserListReply> {
    const rows = await this.users.list(limit + 1, after, search);
    const { items, next } = pageOf(rows, limit);
    return { users: items.map((user) => this.#describe(user)), ...next };
  }

  /** @throws ProblemError 404 */
  async find(username: string): Promise<UserReply> {
    return this.#describe(await this.#user(username));
  }

  /** @throws ProblemError 400 for a weak password, 409 for a taken name, 422 for an unknown role, or 503 */
  async create(
    { username, password, roles }: CreateUserRequest,
    sender: Sender,
    by: string,
  ): Promise<UserReply> {
    refuseWeakPassword(password, '/password');
    refuseOwnName(password, username, '/password');
    this.#refuseUnknown(roles);
    const hash = await this.hasher.hash(password, sender);
    if (!(await this.users.add(username, hash, roles))) throw usernameTaken();
    const user = await this.#user(username);
    this.audit.record('user_created', { by, subject: user.id, roles });
    return this.#describe(user);
  }

  /**
   * Replaces the roles. Losing one ends all sessions, because tokens and cookies carry its scopes; a new one takes
   * effect at the next refresh or log-in.
   *
   * @throws ProblemError 404, 409 for the last administrator, or 422 for an unknown role
   */
  async setRoles(username: string, roles: readonly string[], by: string): Promise<Committed> {
    this.#refuseUnknown(roles);
    const { id } = await this.#user(username);
    const committed = await this.revocations.commit(async (manager) => {
      const user = await this.#lock(manager, id);
      const lost = rolesOf(user).filter((role) => !roles.includes(role));
      if (lost.includes(ADMIN_ROLE)) await this.#refuseTheLast(manager, user);
      await this.users.setRoles(manager, id, roles);
      return lost.length > 0 ? this.sessionRevocation.endAll(manager, id, 'role_removed') : [];
    });
    this.audit.record('user_roles_changed', { by, subject: id, roles });
    return committed;
  }

  /** Ends all sessions as well. @throws ProblemError 400 for a weak password, 404, or 503 */
  async resetPassword(
    username: string,
    password: string,
    sender: Sender,
    by: string,
  ): Promise<Committed> {
    refuseWeakPassword(password, '/password');
    refuseOwnName(password, username, '/password');
    const { id } = await this.#user(username);
    const hash = await this.hasher.hash(password, sender);
    const committed = await this.revocations.commit(async (manager) => {
      const ended = await this.sessionRevocation.endAll(manager, id, 'password_reset');
      await this.users.changePassword(manager, id, hash);
      return ended;
    });
    this.audit.record('user_password_reset', { by, subject: id });
    return committed;
  }

  /** Ends all sessions and blocks log-in. @throws ProblemError 404, or 409 for the last administrator */
  async disable(username: string, by: string): Promise<Committed> {
    const { id } = await this.#user(username);
    const committed = await this.revocations.commit(async (manager) => {
      const user = await this.#lock(manager, id);
      if (isAdministrator(user)) await this.#refuseTheLast(manager, user);
      const ended = await this.sessionRevocation.endAll(manager, id, 'user_disabled');
      await this.users.disable(manager, id);
      return ended;
    });
    this.audit.record('user_disabled', { by, subject: id });
    return committed;
  }

  /** The live sessions of a user. @param current the session of the administrator @throws ProblemError 404 */
  async sessions(username: string, current: string | undefined): Promise<SessionListReply> {
    const { id } = await this.#user(username);
    return this.sessionList.of(id, current);
  }

  /** Ends all sessions; the user may log in again. @throws ProblemError 404 */
  async endSessions(username: string, by: string): Promise<Committed> {
    const { id } = await this.#user(username);
    const committed = await this.revocations.commit((manager) =>
      this.sessionRevocation.endAll(manager, id, 'sessions_ended_by_admin'),
    );
    this.audit.record('sessions_ended_by_admin', { by, subject: id });
    return committed;
  }

  /** Lets the user log in again; ended sessions stay ended. @throws ProblemError 404 */
  async enable(username: string, by: string): Promise<void> {
    const { id } = await this.#user(username);
    await this.users.enable(id);
    this.audit.record('user_enabled', { by, subject: id });
  }

  /** Locks all administrators, then the account: two of them could otherwise demote or disable each other. */
  async #lock(manager: EntityManager, id: UserEntity['id']): Promise<UserEntity> {
    await this.users.holdAdministrators(manager);
    const user = await this.users.lock(manager, id);
    if (!user) throw notFound('user');
    return user;
  }

  /** The caller holds the administrators. */
  async #refuseTheLast(manager: EntityManager, { id, disabled }: UserEntity): Promise<void> {
    if (!disabled && !(await this.users.hasOtherAdministrator(manager, id)))
      throw lastAdministrator();
  }

  #refuseUnknown(roles: readonly string[]): void {
    const { knownRoles } = this.scopes;
    const known = `the known roles are ${knownRoles.join(', ')}`;
    const unknown = roles.flatMap((role, index) => (knownRoles.includes(role) ? [] : [index]));
    if (unknown.length > 0) throw unknownRoles(unknown, known);
  }

  async #user(username: string): Promise<UserEntity> {
    const user = await this.users.findByName(username);
    if (!user) throw notFound('user');
    return user;
  }

  #describe(user: UserEntity): UserReply {
    return {
      id: user.id,
      username: user.username,
      roles: [...rolesOf(user)],
      scopes: [...this.scopes.scopesOf(user)],
      disabled: user.disabled,
      createdAt: user.createdAt.toISOString(),
    };
  }
}
