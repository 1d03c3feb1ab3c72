import { AccessTokenCookie } from '@latchkey/verifier-nestjs';
import { Module, type FactoryProvider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsModule } from '../accounts/accounts.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { SETTINGS, type Settings } from '../platform/settings.js';
import { AccountController } from './account/account.controller.js';
import { ChangePasswordController } from './change-password/change-password.controller.js';
import { ChangePasswordService } from './change-password/change-password.service.js';
import { CookieSessions } from './cookie-sessions/cookie-sessions.js';
import { CookieCleanup } from './cookie-sessions/cookie-cleanup.js';
import { CookiesToEndEntity } from './cookie-sessions/cookies-to-end.entity.js';
import { RefreshCookie } from './cookies/refresh-cookie.js';
import { TokenAnswer } from './cookies/token-answer.js';
import { LiveSessionEntity } from './live-session.entity.js';
import { TokenIssuance } from './token-issuance.js';
import { LiveTokenVerifier } from './live-token-verifier.js';
import { LiveTokenGuard } from './live-token.guard.js';
import { LoginController } from './login/login.controller.js';
import { LoginService } from './login/login.service.js';
import { LogoutCookies } from './logout/logout-cookies.js';
import { LogoutController } from './logout/logout.controller.js';
import { LogoutService } from './logout/logout.service.js';
import { OtherSessions } from './other-sessions.js';
import { PresentedSessions } from './logout/presented-sessions.js';
import { RefreshTokenStore } from './refresh/refresh-token-store.js';
import { RefreshTokenEntity } from './refresh/refresh-token.entity.js';
import { RefreshService } from './refresh/refresh.service.js';
import { SessionList } from './session-list.js';
import { SessionRevocation } from './session-revocation.js';
import { SessionStart } from './session-start.js';
import { SessionRecord } from './session-record.js';
import { SessionEntity } from './session.entity.js';
import { SessionsController } from './sessions.controller.js';
import { RevocationReplay } from './revocation-replay.js';

const ENTITIES = [SessionEntity, LiveSessionEntity, RefreshTokenEntity, CookiesToEndEntity];

const accessTokenCookie: FactoryProvider<AccessTokenCookie | undefined> = {
  provide: AccessTokenCookie,
  inject: [SETTINGS],
  useFactory: ({ accessTokenCookieOrigins: origins }: Settings) =>
    origins && new AccessTokenCookie(origins),
};

/**
 * Log-in, refresh and log-out. Modules with routes behind `LiveTokenGuard` import this one, which provides
 * what the guard injects.
 */
@Module({
  imports: [AccountsModule, ClientsModule, TypeOrmModule.forFeature(ENTITIES)],
  controllers: [
    AccountController,
    ChangePasswordController,
    LoginController,
    LogoutController,
    SessionsController,
  ],
  providers: [
    accessTokenCookie,
    ChangePasswordService,
    CookieSessions,
    CookieCleanup,
    TokenIssuance,
    LiveTokenGuard,
    LiveTokenVerifier,
    LoginService,
    LogoutCookies,
    LogoutService,
    OtherSessions,
    PresentedSessions,
    RefreshCookie,
    RefreshService,
    RefreshTokenStore,
    SessionList,
    SessionRevocation,
    SessionStart,
    SessionRecord,
    RevocationReplay,
    TokenAnswer,
  ],
  exports: [
    AccessTokenCookie,
    CookieSessions,
    TokenIssuance,
    LiveTokenVerifier,
    LoginService,
    LogoutService,
    RefreshCookie,
    RefreshService,
    RefreshTokenStore,
    SessionList,
    SessionRevocation,
    SessionStart,
    SessionRecord,
    TokenAnswer,
  ],
})
export class SessionsModule {}
