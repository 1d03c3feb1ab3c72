import type { DocumentedCallers } from '@latchkey/service-kit';
import { cookieOrigins, type SessionConfig } from './sessions/session-environment.js';
import { SessionCookie } from '@latchkey/sessions-nestjs';
import { AccessTokenCookie } from '@latchkey/verifier-nestjs';
import type { AuthMode } from './authentication-environment.js';

/** Lists the credentials that a service accepts, for its OpenAPI document. */
export function documentedCallers(
  config: Pick<SessionConfig, 'ISSUER' | 'SESSION_ORIGINS' | 'ACCESS_TOKEN_COOKIE'>,
  mode: AuthMode,
): DocumentedCallers {
  const origins = cookieOrigins(config);
  return {
    bearer: mode !== 'session',
    ...(mode !== 'jwt' && { sessionCookie: new SessionCookie(origins).name }),
    ...(config.ACCESS_TOKEN_COOKIE && { tokenCookie: new AccessTokenCookie(origins).name }),
  };
}
