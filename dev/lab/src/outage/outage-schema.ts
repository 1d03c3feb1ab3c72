import { z } from 'zod';
import { absent } from '../pages/schema-parts.js';
import type { OutageReport } from './outage-report.js';

/** A kept report, as it is read again. */
export const outageSchema = z.object({
  requestsPerSecond: z.number(),
  downSeconds: z.number(),
  sliceMilliseconds: z.number(),
  runs: z.array(
    z.object({
      outage: z.enum(['session-redis', 'session-postgres', 'auth', 'nats']),
      label: z.string(),
      downFrom: z.number(),
      downTo: z.number(),
      timelines: z.array(
        z.object({
          id: z.string(),
          label: z.string(),
          slices: z.array(
            z.object({
              fromMilliseconds: z.number(),
              accepted: z.number(),
              unavailable: z.number(),
              failed: z.number(),
              p99Milliseconds: absent(z.number()),
            }),
          ),
          acceptedWhileDown: z.number(),
          recoveryMilliseconds: absent(z.number()),
        }),
      ),
    }),
  ),
}) satisfies z.ZodType<OutageReport>;
