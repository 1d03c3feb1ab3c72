import { Module } from '@nestjs/common';
import { AccountsModule } from '../../accounts/accounts.module.js';
import { ClientsModule } from '../../clients/clients.module.js';
import { SessionsModule } from '../sessions.module.js';
import { CookieLoginService } from './cookie-login.service.js';
import { CookieSessionController } from './cookie-session.controller.js';
import { SessionTokenService } from './session-token.service.js';

/** Log-in and log-out with a session cookie: the stateful alternative to tokens. */
@Module({
  imports: [AccountsModule, ClientsModule, SessionsModule],
  controllers: [CookieSessionController],
  providers: [CookieLoginService, SessionTokenService],
})
export class CookieSessionsModule {}
