import { Module } from '@nestjs/common';
import { LoginModule } from '../login/login.module.js';
import { LogoutModule } from '../logout/logout.module.js';
import { CookieLoginService } from './cookie-login.service.js';
import { CookieSessionController } from './cookie-session.controller.js';
import { SessionTokenService } from './session-token.service.js';

/** The stateful architecture: log in, look, log out, with a cookie. */
@Module({
  imports: [LoginModule, LogoutModule],
  controllers: [CookieSessionController],
  providers: [CookieLoginService, SessionTokenService],
})
export class CookieSessionsModule {}
