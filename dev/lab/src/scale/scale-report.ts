import { z } from 'zod';
import { architectureIdSchema, sharedPartSchema } from '../architectures/architecture.js';
import { absent, list, summarySchema } from '../report-schema.js';

const pointSchema = z.object({
  replicas: z.number(),
  /** Requests per second of all replicas together. */
  perSecond: summarySchema,
  /** How much of its share of a core the shared part used, 0 to 1; undefined without a shared part. */
  sharedUse: absent(summarySchema),
  /** The same for the replicas, on average. */
  replicaUse: summarySchema,
  /** Requests of all passes without a 2xx response: a saturated store answers some of them too late. */
  failures: z.number(),
});
export type ScalePoint = z.infer<typeof pointSchema>;

/** The Universal Scalability Law (Gunther): X(N) = λN / (1 + σ(N−1) + κN(N−1)). */
const fitSchema = z.object({
  /** λ: requests per second of one replica. */
  lambda: z.number(),
  /** σ, contention: the part of the work that queues for a shared resource. */
  sigma: z.number(),
  /** κ, coherency: the cost of keeping replicas consistent; 0 unless throughput was seen to fall. */
  kappa: z.number(),
  /** Of the medians around the fitted curve; 1 is a perfect fit. */
  rSquared: z.number(),
  /** The number of replicas with the highest throughput, if it was within the measured range. */
  peakReplicas: absent(z.number()),
});
export type ScalabilityFit = z.infer<typeof fitSchema>;

const architectureSchema = z.object({
  id: architectureIdSchema,
  label: z.string(),
  shared: absent(sharedPartSchema),
  points: list(pointSchema),
  /** The lowest number of replicas that saturated the shared part, if any did. */
  saturatedAt: absent(z.number()),
  fit: fitSchema,
  /**
   * Requests per second that the shared part can carry: measured where it was saturated, otherwise
   * extrapolated from its use. Undefined without a shared part, or if its use was too low to tell.
   */
  sharedLimit: absent(z.number()),
});
export type ScaledArchitecture = z.infer<typeof architectureSchema>;

export const scaleSchema = z.object({
  passes: z.number(),
  secondsPerPoint: z.number(),
  /** The part of a core that each replica is held to. */
  replicaShare: z.number(),
  /** The part of a core that the shared part is held to. */
  sharedShare: z.number(),
  /** The mechanism that holds them: `cgroup v2`. */
  heldBy: z.string(),
  architectures: list(architectureSchema),
});
export type ScaleReport = z.infer<typeof scaleSchema>;
