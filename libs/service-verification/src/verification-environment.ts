import { environment } from '@latchkey/service-kit';
import { z } from 'zod';

/** What every service that verifies reads, beside `serviceEnvironment`. */
export const verificationEnvironment = {
  /** Default: `<ISSUER>/.well-known/jwks.json`. */
  JWKS_URL: environment.httpUrl.optional(),
  /** At most one fetch for unknown keys in this time. */
  JWKS_COOLDOWN_SECONDS: environment.seconds.default(30),
  /** No default: whoever runs the service chooses. */
  WHEN_STALE: z.enum(['accept', 'refuse', 'ask']),
  MAX_STALENESS_SECONDS: environment.seconds.default(5),
  /** How many checked signatures are remembered at most; 0 for none. Default: the verifier's own. */
  CACHED_TOKENS: z.coerce.number().int().min(0).optional(),
  /** This service as a client of the auth service: for `ask`, and for a snapshot of the deny-list. */
  CLIENT_ID: z.string().min(1).optional(),
  CLIENT_SECRET: z.string().min(1).optional(),
  /** Default: `<ISSUER>/oauth/introspect`. */
  INTROSPECTION_URL: environment.httpUrl.optional(),
  /** Default: `<ISSUER>/revocations/snapshot`. */
  SNAPSHOT_URL: environment.httpUrl.optional(),
};

interface ClientEnvironment {
  readonly WHEN_STALE: 'accept' | 'refuse' | 'ask';
  readonly CLIENT_ID?: string | undefined;
  readonly CLIENT_SECRET?: string | undefined;
}

/** What no variable can tell by itself: for `superRefine`. */
export function checkVerification(
  { WHEN_STALE, CLIENT_ID, CLIENT_SECRET }: ClientEnvironment,
  context: z.RefinementCtx,
): void {
  const issue = (variable: string, message: string) =>
    context.addIssue({ code: 'custom', path: [variable], message });
  if ((CLIENT_ID === undefined) !== (CLIENT_SECRET === undefined))
    issue('CLIENT_SECRET', 'goes together with CLIENT_ID');
  else if (WHEN_STALE === 'ask' && CLIENT_ID === undefined)
    issue('CLIENT_ID', 'is needed, with CLIENT_SECRET, where WHEN_STALE is ask');
}
