import type { ChangePasswordRequest } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ClientStore } from '../../clients/client-store.js';
import { PasswordHasher } from '../../accounts/passwords/password-hasher.js';
import { refuseOwnName, refuseWeakPassword } from '../../accounts/passwords/weak-password.js';
import {
  Revocations,
  type Committed,
  type RevocationsAndResult,
} from '../../revocations/revocations.js';
import { AuditLog } from '../../platform/audit/audit-log.js';
import { invalidToken } from '../invalid-token.js';
import { RefreshTokenStore } from '../refresh/refresh-token-store.js';
import { TokenIssuance, type IssuedTokens } from '../token-issuance.js';
import { SessionRevocation } from '../session-revocation.js';
import type { LiveSessionEntity } from '../live-session.entity.js';
import { SessionRecord } from '../session-record.js';
import type { Sender } from '../../platform/admission/sender.js';
import { LoginThrottle } from '../../accounts/throttling/login-throttle.js';
import { UserStore } from '../../accounts/users/user-store.js';
import type { UserEntity } from '../../accounts/users/user.entity.js';

/** The new tokens of this session, and the revocation of the others. */
export type ChangedPassword = Committed & { readonly result: IssuedTokens };

export const wrongPassword = () =>
  new ProblemError(403, 'wrong_password', 'The current password is wrong', {
    errors: [{ in: 'body', field: '/currentPassword', message: 'is wrong' }],
  });

@Injectable()
export class ChangePasswordService {
  constructor(
    private readonly users: UserStore,
    private readonly hasher: PasswordHasher,
    private readonly throttle: LoginThrottle,
    private readonly clients: ClientStore,
    private readonly sessions: SessionRecord,
    private readonly tokens: RefreshTokenStore,
    private readonly revocations: Revocations,
    private readonly sessionRevocation: SessionRevocation,
    private readonly issuance: TokenIssuance,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Changes the password and ends every other session. This session gets a new refresh token, so that
   * a stolen copy of the old one is useless.
   *
   * @throws ProblemError 400, 401, 403, 429, or 503
   */
  async change(
    { subject, sessionId = '', clientId = '' }: Principal,
    { currentPassword, newPassword }: ChangePasswordRequest,
    sender: Sender,
  ): Promise<ChangedPassword> {
    refuseWeakPassword(newPassword, '/newPassword');
    // A stolen access token must not bypass the rate limit on password guesses.
    const failed = (reason: 'credentials' | 'throttled') =>
      this.audit.record('password_change_failed', { subject, reason });
    const user = await this.throttle.attempt(
      `change of ${subject}`,
      sender.address,
      () => this.#checkPassword(subject, currentPassword, sender),
      () => failed('throttled'),
    );
    if (!user) {
      failed('credentials');
      throw wrongPassword();
    }
    refuseOwnName(newPassword, user.username, '/newPassword');
    const hash = await this.hasher.hash(newPassword, sender);
    await this.issuance.prepare();
    const changed = await this.revocations.commitWith((manager) =>
      this.#change(manager, user, sessionId, hash),
    );
    this.audit.record('password_changed', { subject, client: clientId, sessionId });
    return changed;
  }

  async #checkPassword(
    userId: string,
    password: string,
    sender: Sender,
  ): Promise<UserEntity | undefined> {
    const user = await this.users.find(userId);
    return (await this.hasher.matches(user?.passwordHash, password, sender)) ? user : undefined;
  }

  async #change(
    manager: EntityManager,
    checked: UserEntity,
    sessionId: string,
    hash: string,
  ): Promise<RevocationsAndResult<IssuedTokens>> {
    const session = await this.#lock(manager, checked, sessionId);
    await this.users.changePassword(manager, checked.id, hash);
    const trigger = 'password_changed';
    const { revocations } = await this.sessionRevocation.endOthers(manager, session, trigger);
    const token =
      session.refreshDelivery === null ? undefined : await this.tokens.replace(manager, session.id);
    return { revocations, result: await this.issuance.issue(manager, session, token) };
  }

  async #lock(
    manager: EntityManager,
    checked: UserEntity,
    sessionId: string,
  ): Promise<LiveSessionEntity> {
    const seen = await this.sessions.findLive(sessionId, manager);
    if (!seen) throw invalidToken('access token');
    await this.clients.lockShared(manager, seen.clientId);
    const user = await this.users.lock(manager, checked.id);
    await this.sessions.lock(manager, seen.id);
    const session = await this.sessions.findLive(seen.id, manager);
    if (!session) throw invalidToken('access token');
    if (user?.passwordVersion !== checked.passwordVersion) throw wrongPassword();
    return session;
  }
}
