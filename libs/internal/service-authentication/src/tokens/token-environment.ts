import { environment } from '@latchkey/service-kit';
import { z } from 'zod';

/** What every service that verifies reads, beside `serviceEnvironment`. */
export const tokenEnvironment = {
  /** Default: `<ISSUER>/.well-known/jwks.json`. */
  JWKS_URL: environment.httpUrl.optional(),
  /** At most one fetch for unknown keys in this time. */
  JWKS_COOLDOWN_SECONDS: environment.seconds.default(30),
  /** No default: the operator of the service chooses. */
  WHEN_STALE: z.enum(['accept', 'refuse', 'ask']),
  MAX_STALENESS_SECONDS: environment.seconds.default(5),
  /** How many checked signatures are remembered at most; 0 for none. Default: the verifier's own. */
  CACHED_TOKENS: z.coerce.number().int().min(0).optional(),
  /** This service as a client of the auth service: for `ask`, and for a snapshot of the deny-list. */
  CLIENT_ID: environment.name.optional(),
  CLIENT_SECRET: z.string().min(1).optional(),
  /** Default: `<ISSUER>/oauth/introspect`. */
  INTROSPECTION_URL: environment.httpUrl.optional(),
  /** Default: `<ISSUER>/revocations/snapshot`. */
  SNAPSHOT_URL: environment.httpUrl.optional(),
};

/** `WHEN_STALE` is asked for by a rule, where not every service needs it. */
const optional = {
  ...tokenEnvironment,
  WHEN_STALE: tokenEnvironment.WHEN_STALE.optional(),
};

/** What no variable of `tokenEnvironment` can tell by itself. */
export const tokenRules = [
  ...environment.together(optional, 'CLIENT_ID', 'CLIENT_SECRET'),
  environment.rule(
    optional,
    ['WHEN_STALE', 'CLIENT_ID'],
    'CLIENT_ID',
    'is needed, with CLIENT_SECRET, where WHEN_STALE is ask',
    (env) => env.WHEN_STALE !== 'ask' || env.CLIENT_ID !== undefined,
  ),
] as const;
