import { RedisSessionStore } from '@latchkey/session-stores/redis';
import type { TestIssuer } from '@latchkey/testing';
import { subjectTokenOf, type Principal } from '@latchkey/verifier';
import {
  AccessTokenGuard,
  Credentials,
  CurrentPrincipal,
  Public,
  RequireActor,
  RequireClient,
  RequireScopes,
  VerifierModule,
  type CallerCredentials,
} from '@latchkey/verifier-nestjs';
import { Controller, Get, Module, Post, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { inspect } from 'node:util';
import { SessionCookie } from '../src/session-cookie.js';
import { SessionOrTokenGuard } from '../src/session-or-token.guard.js';
import { SessionGuard } from '../src/session.guard.js';
import { SessionsModule } from '../src/sessions.module.js';

export type Guard = typeof SessionGuard | typeof SessionOrTokenGuard;

export const ORIGIN = 'http://localhost:4000';

@Controller()
class ThingsController {
  @Get('who')
  who(@CurrentPrincipal() { subject, scopes, sessionId, issuer }: Principal) {
    return { subject, scopes: [...scopes], sessionId, issuer };
  }
  @Post('things')
  @RequireScopes('things:write')
  add(@CurrentPrincipal() { subject }: Principal) {
    return { subject };
  }
  @Get('credentials')
  credentials(@Credentials() credentials: CallerCredentials) {
    return credentials;
  }
  @Get('subject-token')
  subjectToken(@CurrentPrincipal() principal: Principal) {
    const { token, type } = subjectTokenOf(principal)!;
    return { token, type, isHidden: !inspect(principal, { showHidden: true }).includes(token) };
  }
  @Get('actor')
  @RequireActor('orders')
  actor() {
    return {};
  }
  @Get('client')
  @RequireClient()
  client() {
    return {};
  }
  @Get('open')
  @Public()
  open() {
    return {};
  }
}

/** A service whose guard accepts session cookies, or tokens as well. */
@Module({ controllers: [ThingsController] })
export class ThingsModule {
  static forRoot(store: RedisSessionStore, issuer: TestIssuer, guard: Guard): DynamicModule {
    return {
      module: ThingsModule,
      imports: [
        SessionsModule.forRoot({ store, issuer: issuer.issuer, origins: [ORIGIN] }),
        VerifierModule.forRoot({
          issuer: issuer.issuer,
          audience: 'things',
          keys: () => Promise.resolve(issuer.jwks()),
          revocations: 'ignore',
          cookieOrigins: [ORIGIN],
        }),
      ],
      providers: [
        {
          provide: SessionOrTokenGuard,
          inject: [AccessTokenGuard, SessionGuard, SessionCookie],
          useFactory: (...parts: ConstructorParameters<typeof SessionOrTokenGuard>) =>
            new SessionOrTokenGuard(...parts),
        },
        { provide: APP_GUARD, useExisting: guard },
      ],
    };
  }
}
