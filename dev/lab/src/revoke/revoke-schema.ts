import { z } from 'zod';
import { architectureIdSchema } from '../architectures/architecture-schema.js';
import { absent, distributionSchema } from '../pages/schema-parts.js';
import type { RevokeReport } from './revoke-report.js';

/** A kept report, as it is read again. */
export const revokeSchema = z.object({
  replicas: z.number(),
  watchedMilliseconds: z.number(),
  callsPerSecond: absent(z.number()),
  architectures: z.array(
    z.object({
      id: architectureIdSchema,
      label: z.string(),
      points: z.array(
        z.object({
          clients: z.number(),
          rounds: z.number(),
          sinceSent: absent(distributionSchema),
          sinceAnswered: absent(distributionSchema),
          exposure: distributionSchema,
          logOut: distributionSchema,
          neverRefused: z.number(),
        }),
      ),
    }),
  ),
}) satisfies z.ZodType<RevokeReport>;
