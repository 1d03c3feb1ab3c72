import { environment } from '@latchkey/service-kit';
import { sessionEnvironment, sessionRules } from './sessions/session-environment.js';
import { tokenEnvironment, tokenRules } from './tokens/token-environment.js';
import { z } from 'zod';

/** Which of the two architectures protects a service. */
export const AuthMode = z.enum(['jwt', 'session', 'both']);
export type AuthMode = z.infer<typeof AuthMode>;

/** What every service reads that somebody calls, beside `serviceEnvironment`. */
export const authenticationEnvironment = {
  ...tokenEnvironment,
  ...sessionEnvironment,
  /** `jwt`: access tokens; `session`: session cookies; `both`: either, request by request. */
  AUTH_MODE: AuthMode.default('jwt'),
  /** Needed unless `AUTH_MODE` is `session`, as is the next one. */
  NATS_URL: environment.natsUrl.optional(),
  WHEN_STALE: tokenEnvironment.WHEN_STALE.optional(),
};

const needs = (name: 'SESSION_STORE_URL' | 'NATS_URL' | 'WHEN_STALE', ...modes: AuthMode[]) =>
  environment.rule(
    authenticationEnvironment,
    ['AUTH_MODE', name],
    name,
    `is needed where AUTH_MODE is ${modes.join(' or ')}`,
    (env) => !modes.includes(env.AUTH_MODE) || env[name] !== undefined,
  );

/** What no variable of `authenticationEnvironment` can tell by itself. */
export const authenticationRules = [
  ...tokenRules,
  ...sessionRules,
  needs('SESSION_STORE_URL', 'session', 'both'),
  needs('NATS_URL', 'jwt', 'both'),
  needs('WHEN_STALE', 'jwt', 'both'),
  environment.rule(
    authenticationEnvironment,
    ['AUTH_MODE', 'ACCESS_TOKEN_COOKIE'],
    'ACCESS_TOKEN_COOKIE',
    'is of no use where AUTH_MODE is session',
    (env) => env.AUTH_MODE !== 'session' || !env.ACCESS_TOKEN_COOKIE,
  ),
] as const;
