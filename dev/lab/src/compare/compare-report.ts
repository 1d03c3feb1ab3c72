import { z } from 'zod';
import { architectureIdSchema, sharedPartSchema } from '../architectures/architecture.js';
import { absent, list, summarySchema } from '../report-schema.js';

/** Latency of requests that begin when they are due (open loop), over all rounds. */
const latencySchema = z.object({
  /** Requests sent per second. */
  perSecond: z.number(),
  /** Milliseconds from when a request was due to the end of its response. */
  p50: summarySchema,
  p99: summarySchema,
});
export type LatencyAtRate = z.infer<typeof latencySchema>;

/** What one request costs a part that all replicas share. */
const sharedWorkSchema = z.object({
  part: sharedPartSchema,
  roundTrips: z.number(),
  bytesSent: z.number(),
  bytesReceived: z.number(),
  /** Processor time of the part; undefined where the system does not report it. */
  cpuMicroseconds: absent(summarySchema),
});
export type SharedWork = z.infer<typeof sharedWorkSchema>;

const architectureSchema = z.object({
  id: architectureIdSchema,
  label: z.string(),
  /** Requests per second as fast as they are answered (closed loop). */
  perSecond: summarySchema,
  /** At a rate that every architecture can serve. */
  atCommonRate: latencySchema,
  /** At a fixed part of this architecture's own throughput. */
  atOwnRate: latencySchema,
  /** Processor time per request. */
  cpuMicroseconds: z.object({
    service: absent(summarySchema),
    /** The database of the service's own data, the same for all. */
    database: absent(summarySchema),
  }),
  /** Per request; undefined for an architecture that asks nothing shared. */
  shared: absent(sharedWorkSchema),
  /** What a replica receives over NATS without any requests, for its deny-list. */
  backgroundBytesPerSecond: z.number(),
});
export type ComparedArchitecture = z.infer<typeof architectureSchema>;

/** What tokens cost the shared side now and then, instead of on every request. */
const refreshSchema = z.object({
  /** Of auth and its Postgres together, per refresh; undefined where the system does not report it. */
  cpuMicroseconds: absent(z.number()),
  /** Default of the auth service: an active user needs one refresh in this time. */
  tokenLifetimeSeconds: z.number(),
});
export type RefreshCost = z.infer<typeof refreshSchema>;

export const compareSchema = z.object({
  rounds: z.number(),
  secondsPerRound: z.number(),
  connections: z.number(),
  users: z.number(),
  /** The part of its own throughput at which `atOwnRate` was measured. */
  ownRatePart: z.number(),
  pinned: z.boolean(),
  routes: list(z.string()),
  refresh: refreshSchema,
  architectures: list(architectureSchema),
});
export type CompareReport = z.infer<typeof compareSchema>;
