import { environment } from '@latchkey/service-kit';
import { sessionEnvironment, sessionRules } from './sessions/session-environment.js';
import { tokenEnvironment, tokenRules } from './tokens/token-environment.js';
import { z } from 'zod';

/** Kinds of credentials that a service accepts. */
export const AuthMode = z.enum(['jwt', 'session', 'both']);
export type AuthMode = z.infer<typeof AuthMode>;

/** Environment variables of every service that authenticates callers, in addition to `serviceEnvironment`. */
export const authenticationEnvironment = {
  ...tokenEnvironment,
  ...sessionEnvironment,
  /** `jwt`: access tokens; `session`: session cookies; `both`: either, per request. */
  AUTH_MODE: AuthMode.default('jwt'),
  /** Required unless `AUTH_MODE` is `session`, as is `WHEN_STALE`. */
  NATS_URL: environment.natsUrl.optional(),
  WHEN_STALE: tokenEnvironment.WHEN_STALE.optional(),
};

const requiredIn = (name: 'SESSION_STORE_URL' | 'NATS_URL' | 'WHEN_STALE', ...modes: AuthMode[]) =>
  environment.rule(
    authenticationEnvironment,
    ['AUTH_MODE', name],
    name,
    `is required when AUTH_MODE is ${modes.join(' or ')}`,
    (env) => !modes.includes(env.AUTH_MODE) || env[name] !== undefined,
  );

/** Checks that involve several variables of `authenticationEnvironment`. */
export const authenticationRules = [
  ...tokenRules,
  ...sessionRules,
  requiredIn('SESSION_STORE_URL', 'session', 'both'),
  requiredIn('NATS_URL', 'jwt', 'both'),
  requiredIn('WHEN_STALE', 'jwt', 'both'),
  environment.rule(
    authenticationEnvironment,
    ['AUTH_MODE', 'ACCESS_TOKEN_COOKIE'],
    'ACCESS_TOKEN_COOKIE',
    'has no effect when AUTH_MODE is session',
    (env) => env.AUTH_MODE !== 'session' || !env.ACCESS_TOKEN_COOKIE,
  ),
] as const;
