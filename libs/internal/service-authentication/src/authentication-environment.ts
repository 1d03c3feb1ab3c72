import { environment } from '@latchkey/service-kit';
import { sessionEnvironment, sessionRules } from './sessions/session-environment.js';
import { tokenEnvironment, tokenRules } from './tokens/token-environment.js';
import { z } from 'zod';
import { CallTokens } from './call-tokens.js';

/** Kinds of credentials that a service accepts. */
export const AuthMode = z.enum(['jwt', 'session', 'both']);
export type AuthMode = z.infer<typeof AuthMode>;

/** Environment variables of every service that authenticates callers, in addition to `serviceEnvironment`. */
export const authenticationEnvironment = {
  ...tokenEnvironment,
  ...sessionEnvironment,
  /** `jwt`: access tokens; `session`: session cookies; `both`: either, per request. */
  AUTH_MODE: AuthMode.default('jwt'),
  /** How this service acts for users at others, and whether it accepts transaction tokens of others. */
  CALL_TOKENS: CallTokens.default('exchange'),
  /** `aud` of transaction tokens: the name of all services together. Required with `CALL_TOKENS=transaction`. */
  TRUST_DOMAIN: environment.audience.optional(),
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

/** Variables that every service has, with a default of its own. */
const verifiedNames = { ISSUER: environment.httpUrl, AUDIENCE: environment.audience };

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
  environment.rule(
    authenticationEnvironment,
    ['CALL_TOKENS', 'TRUST_DOMAIN'],
    'TRUST_DOMAIN',
    'is required when CALL_TOKENS is transaction',
    (env) => env.CALL_TOKENS !== 'transaction' || env.TRUST_DOMAIN !== undefined,
  ),
  environment.rule(
    authenticationEnvironment,
    ['CALL_TOKENS', 'AUTH_MODE'],
    'CALL_TOKENS',
    'cannot be transaction when AUTH_MODE is session: transaction tokens come with access tokens',
    (env) => env.CALL_TOKENS !== 'transaction' || env.AUTH_MODE !== 'session',
  ),
  environment.rule(
    { ...authenticationEnvironment, ...verifiedNames },
    ['TRUST_DOMAIN', 'AUDIENCE', 'ISSUER'],
    'TRUST_DOMAIN',
    'must be a name of its own, neither ISSUER nor AUDIENCE',
    ({ TRUST_DOMAIN: domain, AUDIENCE, ISSUER }) =>
      domain === undefined || (domain !== ISSUER && domain !== AUDIENCE),
  ),
] as const;
