import type { CookieLoginRequest } from '@latchkey/contracts/auth-api';
import type { Session, StartedSession } from '@latchkey/sessions';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { invalidCredentials, LoginService } from '../login/login.service.js';
import { RevocationRelay } from '../revocations/revocation-relay.js';
import { SessionRevocation } from '../sessions/session-revocation.js';
import { SessionStart } from '../sessions/session-start.js';
import { CookieSessions } from './cookie-sessions.js';

@Injectable()
export class CookieLoginService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly login: LoginService,
    private readonly sessions: SessionStart,
    private readonly cookies: CookieSessions,
    private readonly revocation: SessionRevocation,
    private readonly relay: RevocationRelay,
  ) {}

  /**
   * A new session with a new cookie, at every log-in.
   *
   * @param replaced the session whose cookie the browser had: nobody could end it any more
   * @throws ProblemError 401, 429, or 503
   */
  async logIn(
    credentials: CookieLoginRequest,
    from: { readonly address: string; readonly userAgent: string | undefined },
    replaced: Session | undefined,
  ): Promise<StartedSession> {
    const account = await this.login.authenticate(credentials, from.address);
    const request = { ...account, refreshDelivery: null, userAgent: from.userAgent };
    const started = await this.sessions.begin(request, (session) => this.cookies.start(session));
    if (!started) throw invalidCredentials();
    if (replaced) await this.#end(replaced);
    return started;
  }

  async #end({ id, subject: userId }: Session): Promise<void> {
    const revocations = await this.dataSource.transaction((manager) =>
      this.revocation.end(manager, { id, userId }, 'logout'),
    );
    // Not waited for: nobody was told that it has ended.
    void this.relay.publishNow(revocations);
  }
}
