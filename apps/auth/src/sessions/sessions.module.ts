import { Verifier } from '@latchkey/verifier';
import { AccessTokenCookie, AccessTokenGuard } from '@latchkey/verifier-nestjs';
import { Global, Module, type FactoryProvider } from '@nestjs/common';
import { ClientStore } from '../clients/client-store.js';
import { CallerGuard } from './cookie-sessions/caller.guard.js';
import { CookieSessions } from './cookie-sessions/cookie-sessions.js';
import { CookiesToEnd } from './cookie-sessions/cookies-to-end.js';
import { RefreshCookie } from './cookies/refresh-cookie.js';
import { TokenAnswer } from './cookies/token-answer.js';
import { RefreshTokenStore } from './refresh/refresh-token-store.js';
import { SETTINGS, type Settings } from '../platform/settings.js';
import { Grant } from './grant.js';
import { LiveTokenVerifier } from './live-token-verifier.js';
import { RevocationAnswer } from '../revocations/revocation-answer.js';
import { SessionRevocation } from './session-revocation.js';
import { SessionStart } from './session-start.js';
import { SessionStore } from './session-store.js';
import { SessionsController } from './sessions.controller.js';
import { TakenBackRevocations } from './taken-back-revocations.js';

const accessTokenCookie: FactoryProvider<AccessTokenCookie | undefined> = {
  provide: AccessTokenCookie,
  inject: [SETTINGS],
  useFactory: ({ accessTokenCookieOrigins: origins }: Settings) =>
    origins && new AccessTokenCookie(origins),
};

const PARTS = [
  AccessTokenGuard,
  CallerGuard,
  ClientStore,
  CookieSessions,
  Grant,
  LiveTokenVerifier,
  RefreshCookie,
  RefreshTokenStore,
  RevocationAnswer,
  SessionRevocation,
  SessionStart,
  SessionStore,
  TokenAnswer,
];

/** What every use case about sessions is made of; the guard's verifier is the one that asks the record. */
@Global()
@Module({
  controllers: [SessionsController],
  providers: [
    ...PARTS,
    CookiesToEnd,
    TakenBackRevocations,
    accessTokenCookie,
    { provide: Verifier, useExisting: LiveTokenVerifier },
  ],
  exports: [...PARTS, AccessTokenCookie, Verifier],
})
export class SessionsModule {}
