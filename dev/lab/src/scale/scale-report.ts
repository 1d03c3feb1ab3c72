import type { Summary } from '@latchkey/load-generator';
import type { ArchitectureId, SharedPart } from '../architectures/architecture.js';

export interface ScalePoint {
  readonly replicas: number;
  /** Requests per second over all replicas. */
  readonly perSecond: Summary;
  /** How much of its share of a core the shared part used, 0 to 1; undefined where nothing is asked. */
  readonly sharedUse: Summary | undefined;
  /** The same of the replicas, on average. */
  readonly replicaUse: Summary;
  /** Requests of all passes that were not answered 2xx: a store without time left answers some too late. */
  readonly failures: number;
}

/** X(N) = λN / (1 + σ(N−1) + κN(N−1)), the Universal Scalability Law (Gunther). */
export interface ScalabilityFit {
  /** λ: requests per second of one replica. */
  readonly lambda: number;
  /** σ, contention: the part of the work that queues for what is shared. */
  readonly sigma: number;
  /** κ, coherency: the cost of the replicas' agreeing with each other; 0 unless throughput was seen to fall. */
  readonly kappa: number;
  /** Of the medians around the fitted curve; 1 is a perfect fit. */
  readonly rSquared: number;
  /** Where throughput is highest; undefined when that is not among the numbers of replicas measured. */
  readonly peakReplicas: number | undefined;
}

export interface ScaledArchitecture {
  readonly id: ArchitectureId;
  readonly label: string;
  readonly shared: SharedPart | undefined;
  readonly points: readonly ScalePoint[];
  /** First number of replicas at which the shared part had no time left; undefined when none was reached. */
  readonly saturatedAt: number | undefined;
  readonly fit: ScalabilityFit;
  /**
   * Requests per second at which the shared part has no time left: what it did so far, or else what its
   * use leaves room for. Undefined where nothing is asked, or where it was used too little to tell.
   */
  readonly sharedLimit?: number | undefined;
}

export interface ScaleReport {
  readonly passes: number;
  readonly secondsPerPoint: number;
  /** Part of a core that each replica is held to. */
  readonly replicaShare: number;
  /** Part of a core that the shared part is held to. */
  readonly sharedShare: number;
  /** What holds them: `cgroup v1`, `cgroup v2`. */
  readonly heldBy: string;
  readonly architectures: readonly ScaledArchitecture[];
}
