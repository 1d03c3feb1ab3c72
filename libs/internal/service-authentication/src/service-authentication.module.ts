import { SessionCookie, SessionGuard, SessionOrTokenGuard } from '@latchkey/sessions-nestjs';
import { AccessTokenGuard } from '@latchkey/verifier-nestjs';
import {
  Module,
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
  type Provider,
  type Type,
} from '@nestjs/common';
import type { AuthMode } from './authentication-environment.js';
import { SessionAuthenticationModule } from './sessions/session-authentication.module.js';
import { cookieOrigins, type SessionConfig } from './sessions/session-environment.js';
import {
  TokenAuthenticationModule,
  type TokenConfig,
} from './tokens/token-authentication.module.js';

/** The guard for the credentials that the service accepts, according to `AUTH_MODE`. */
export abstract class CallerGuard implements CanActivate {
  abstract canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']>;
}

type RequiredForTokens = 'NATS_URL' | 'WHEN_STALE';

/** Configuration of a service's authentication, named as the environment variables. */
export interface AuthenticationConfig extends SessionConfig, Omit<TokenConfig, RequiredForTokens> {
  readonly AUTH_MODE: AuthMode;
  readonly NATS_URL?: TokenConfig['NATS_URL'] | undefined;
  readonly WHEN_STALE?: TokenConfig['WHEN_STALE'] | undefined;
}

/** Authenticates callers by access tokens, session cookies or both. Handlers see no difference. */
@Module({})
export class ServiceAuthenticationModule {
  /** @param TokenGuard guard for access tokens, in place of {@link AccessTokenGuard} */
  static forRoot(
    config: AuthenticationConfig,
    TokenGuard: Type<CanActivate> = AccessTokenGuard,
  ): DynamicModule {
    const { AUTH_MODE: mode } = config;
    const tokens = mode === 'session' ? [] : [tokenAuthentication(config)];
    const sessions =
      mode === 'jwt' ? [] : [SessionAuthenticationModule.forRoot(config, mode === 'session')];
    return {
      module: ServiceAuthenticationModule,
      imports: [...tokens, ...sessions],
      providers: [
        ...(mode === 'session' || TokenGuard === AccessTokenGuard ? [] : [TokenGuard]),
        callerGuard(mode, TokenGuard),
      ],
      exports: [CallerGuard],
    };
  }
}

function callerGuard(mode: AuthMode, TokenGuard: Type<CanActivate>): Provider {
  switch (mode) {
    case 'jwt':
      return { provide: CallerGuard, useExisting: TokenGuard };
    case 'session':
      return { provide: CallerGuard, useExisting: SessionGuard };
    case 'both':
      return {
        provide: CallerGuard,
        inject: [TokenGuard, SessionGuard, SessionCookie],
        useFactory: (...parts: ConstructorParameters<typeof SessionOrTokenGuard>) =>
          new SessionOrTokenGuard(...parts),
      };
  }
}

/** @throws Error for a configuration that `authenticationRules` would have rejected */
function tokenAuthentication(config: AuthenticationConfig): DynamicModule {
  const { NATS_URL, WHEN_STALE } = config;
  if (NATS_URL === undefined || WHEN_STALE === undefined)
    throw new Error('Access tokens need NATS_URL and WHEN_STALE');
  return TokenAuthenticationModule.forRoot(
    { ...config, NATS_URL, WHEN_STALE },
    config.ACCESS_TOKEN_COOKIE ? cookieOrigins(config) : undefined,
  );
}
