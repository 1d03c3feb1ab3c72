import type { CookieLoginRequest } from '@latchkey/contracts/auth-api';
import type { Session, StartedSession } from '@latchkey/sessions';
import { Injectable } from '@nestjs/common';
import { invalidCredentials, LoginService } from '../login/login.service.js';
import { SessionStart, type SessionRequest } from '../session-start.js';
import type { Sender } from '../../platform/admission/sender.js';
import { CookieSessions } from './cookie-sessions.js';

@Injectable()
export class CookieLoginService {
  constructor(
    private readonly loginService: LoginService,
    private readonly sessions: SessionStart,
    private readonly cookies: CookieSessions,
  ) {}

  /**
   * Starts a new session with a new cookie at every log-in, which prevents session fixation.
   *
   * @param replaced the session whose cookie the browser sent
   * @throws ProblemError 401, 429, or 503
   */
  async logIn(
    credentials: CookieLoginRequest,
    from: { readonly sender: Sender; readonly userAgent: string | undefined },
    replaced: Session | undefined,
  ): Promise<StartedSession> {
    const account = await this.loginService.authenticate(credentials, from.sender);
    const request: SessionRequest = {
      ...account,
      refreshDelivery: null,
      accessDelivery: 'body',
      userAgent: from.userAgent,
      replaces: replaced,
    };
    const started = await this.sessions.begin(request, (session) => this.cookies.start(session));
    if (!started) throw invalidCredentials();
    return started;
  }
}
