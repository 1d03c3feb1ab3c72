import { environment } from '@latchkey/service-kit';
import { z } from 'zod';

/** What every service that verifies reads, beside `serviceEnvironment`. */
export const verificationEnvironment = {
  /** Default: `<ISSUER>/.well-known/jwks.json`. */
  JWKS_URL: environment.httpUrl.optional(),
  /** At most one fetch for unknown keys in this time. */
  JWKS_COOLDOWN_SECONDS: environment.seconds.default(30),
  /** No default: whoever runs the service chooses. */
  WHEN_STALE: z.enum(['accept', 'refuse']),
  MAX_STALENESS_SECONDS: environment.seconds.default(5),
};
