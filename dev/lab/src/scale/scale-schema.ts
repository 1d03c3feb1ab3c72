import { z } from 'zod';
import { architectureIdSchema, sharedPartSchema } from '../architectures/architecture-schema.js';
import { absent, summarySchema } from '../pages/schema-parts.js';
import type { ScaleReport } from './scale-report.js';

/** A kept report, as it is read again. */
export const scaleSchema = z.object({
  passes: z.number(),
  secondsPerPoint: z.number(),
  replicaShare: z.number(),
  sharedShare: z.number(),
  heldBy: z.string(),
  architectures: z.array(
    z.object({
      id: architectureIdSchema,
      label: z.string(),
      shared: absent(sharedPartSchema),
      points: z.array(
        z.object({
          replicas: z.number(),
          perSecond: summarySchema,
          sharedUse: absent(summarySchema),
          replicaUse: summarySchema,
          failures: z.number(),
        }),
      ),
      saturatedAt: absent(z.number()),
      fit: z.object({
        lambda: z.number(),
        sigma: z.number(),
        kappa: z.number(),
        rSquared: z.number(),
        peakReplicas: absent(z.number()),
      }),
      sharedLimit: absent(z.number()),
    }),
  ),
}) satisfies z.ZodType<ScaleReport>;
