import type { LoginRequest } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { PasswordHasher } from '../../accounts/passwords/password-hasher.js';
import { AuditLog } from '../../platform/audit/audit-log.js';
import type { IssuedTokens } from '../token-issuance.js';
import { SessionStart, type SessionRequest } from '../session-start.js';
import type { Sender } from '../../platform/admission/sender.js';
import { LoginThrottle } from '../../accounts/throttling/login-throttle.js';
import { UserStore } from '../../accounts/users/user-store.js';
import type { UserEntity } from '../../accounts/users/user.entity.js';

/** Answers alike for a wrong password, an unknown name and a disabled account. */
export const invalidCredentials = () =>
  new ProblemError(401, 'invalid_credentials', 'Name or password is wrong', {
    headers: { 'www-authenticate': 'Bearer' },
  });

@Injectable()
export class LoginService {
  constructor(
    private readonly users: UserStore,
    private readonly hasher: PasswordHasher,
    private readonly throttle: LoginThrottle,
    private readonly sessions: SessionStart,
    private readonly audit: AuditLog,
  ) {}

  /**
   * @param sender the address for the rate limits
   * @throws ProblemError 401, 429, or 503
   */
  async logIn(
    request: LoginRequest,
    sender: Sender,
    userAgent: string | undefined,
  ): Promise<IssuedTokens> {
    const account = await this.authenticate(request, sender);
    const granted = await this.sessions.start({
      ...account,
      refreshDelivery: request.refreshTokenDelivery,
      accessDelivery: request.accessTokenDelivery,
      userAgent,
    });
    if (!granted) throw invalidCredentials();
    return granted;
  }

  /**
   * Checks the name and the password without starting a session.
   *
   * @throws ProblemError 401, 429, or 503
   */
  async authenticate(
    { username, password }: Pick<LoginRequest, 'username' | 'password'>,
    sender: Sender,
  ): Promise<Pick<SessionRequest, 'user' | 'rehashed'>> {
    const user = await this.throttle.attempt(
      username,
      sender.address,
      () => this.#checkPassword(username, password, sender),
      () => this.audit.record('login_failed', { subject: undefined, reason: 'throttled' }),
    );
    if (!user) throw invalidCredentials();
    const rehashed = this.hasher.isOutdated(user.passwordHash)
      ? await this.hasher.hash(password, sender)
      : undefined;
    return { user, rehashed };
  }

  async #checkPassword(
    username: string,
    password: string,
    sender: Sender,
  ): Promise<UserEntity | undefined> {
    const user = await this.users.findByName(username);
    const matches = await this.hasher.matches(user?.passwordHash, password, sender);
    if (matches && user?.disabled === false) return user;
    this.audit.record('login_failed', { subject: user?.id, reason: 'credentials' });
    return undefined;
  }
}
