import { z } from 'zod';
import { architectureIdSchema, sharedPartSchema } from '../architectures/architecture-schema.js';
import { absent, summarySchema } from '../pages/schema-parts.js';
import type { CompareReport } from './compare-report.js';

const latencySchema = z.object({
  perSecond: z.number(),
  p50: summarySchema,
  p99: summarySchema,
});

/** A kept report, as it is read again. */
export const compareSchema = z.object({
  rounds: z.number(),
  secondsPerRound: z.number(),
  connections: z.number(),
  users: z.number(),
  ownRatePart: z.number(),
  pinned: z.boolean(),
  routes: z.array(z.string()),
  refresh: z.object({ cpuMicroseconds: absent(z.number()), tokenLifetimeSeconds: z.number() }),
  architectures: z.array(
    z.object({
      id: architectureIdSchema,
      label: z.string(),
      perSecond: summarySchema,
      atCommonRate: latencySchema,
      atOwnRate: latencySchema,
      cpuMicroseconds: z.object({
        service: absent(summarySchema),
        database: absent(summarySchema),
      }),
      shared: absent(
        z.object({
          part: sharedPartSchema,
          roundTrips: z.number(),
          bytesSent: z.number(),
          bytesReceived: z.number(),
          cpuMicroseconds: absent(summarySchema),
        }),
      ),
      backgroundBytesPerSecond: z.number(),
    }),
  ),
}) satisfies z.ZodType<CompareReport>;
