import { problemOf, ProblemError, type DocumentedCallers } from '@latchkey/service-kit';
import { cookieOrigins, type SessionConfig } from './sessions/session-environment.js';
import { SessionCookie } from '@latchkey/sessions-nestjs';
import { AccessTokenCookie } from '@latchkey/verifier-nestjs';
import type { AuthMode } from './authentication-environment.js';

const MISSING_TOKEN = new ProblemError(401, 'missing_token', 'An access token is required');
const MISSING_SESSION = new ProblemError(401, 'missing_session', 'A session cookie is required');

/** What a caller gets whom a route is not for. @param detail which token the route needs */
export const wrongCaller = (detail: string) =>
  new ProblemError(403, 'caller_not_allowed', 'The caller may not use this route', { detail });

/** Lists the credentials that a service accepts, for its OpenAPI document. */
export function documentedCallers(
  config: Pick<SessionConfig, 'ISSUER' | 'SESSION_ORIGINS' | 'ACCESS_TOKEN_COOKIE'>,
  mode: AuthMode,
): DocumentedCallers {
  const origins = cookieOrigins(config);
  return {
    bearer: mode !== 'session',
    anonymous: problemOf(mode === 'session' ? MISSING_SESSION : MISSING_TOKEN),
    ...(mode !== 'jwt' && { sessionCookie: new SessionCookie(origins).name }),
    ...(config.ACCESS_TOKEN_COOKIE && { tokenCookie: new AccessTokenCookie(origins).name }),
  };
}
