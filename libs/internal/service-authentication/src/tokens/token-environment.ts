import { environment } from '@latchkey/service-kit';
import { z } from 'zod';
import { clientEnvironment, clientRules, WITH_CREDENTIALS } from '../client-environment.js';

/** Environment variables of every service that verifies access tokens. */
export const tokenEnvironment = {
  /** Default: `<ISSUER>/.well-known/jwks.json`. */
  JWKS_URL: environment.httpUrl.optional(),
  /** Minimum time between two fetches of the key set for unknown keys. */
  JWKS_COOLDOWN_SECONDS: environment.seconds.default(30),
  /** What to do while the deny-list is stale. Required: the operator chooses. */
  WHEN_STALE: z.enum(['accept', 'refuse', 'ask']),
  /** The deny-list is stale after this time without a watermark that it satisfies. */
  MAX_STALENESS_SECONDS: environment.seconds.default(5),
  /** Maximum number of cached signature checks; 0 disables the cache. */
  CACHED_TOKENS: z.coerce.number().int().min(0).default(20_000),
  ...clientEnvironment,
  /** Where the service gets tokens for its calls to others. Default: `<ISSUER>/oauth/token`. */
  TOKEN_URL: environment.httpUrl.optional(),
  /** Default: `<ISSUER>/oauth/introspect`. */
  INTROSPECTION_URL: environment.httpUrl.optional(),
  /** Default: `<ISSUER>/revocations/snapshot`. */
  SNAPSHOT_URL: environment.httpUrl.optional(),
};

/** A service that accepts session cookies only does not need `WHEN_STALE`. */
const optional = {
  ...tokenEnvironment,
  WHEN_STALE: tokenEnvironment.WHEN_STALE.optional(),
};

/** Checks that involve several variables of `tokenEnvironment`. */
export const tokenRules = [
  ...clientRules,
  environment.rule(
    optional,
    ['WHEN_STALE', 'CLIENT_ID'],
    'CLIENT_ID',
    `${WITH_CREDENTIALS} when WHEN_STALE is ask`,
    (env) => env.WHEN_STALE !== 'ask' || env.CLIENT_ID !== undefined,
  ),
] as const;
