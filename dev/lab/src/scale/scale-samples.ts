import { median, type LoadGenerator } from '@latchkey/load-generator';
import type { ArchitectureId } from '../architectures/architecture.js';
import type { CpuShare } from './control-groups/cpu-share.js';
import type { HeldReplica } from './held-replicas.js';
import type { Throughput } from './scalability-law.js';
import { spreadRequests, type RequestPair } from './spread-requests.js';

/**
 * Each connection has one request in flight. Two are enough to use up the quota of a held replica; with
 * more, requests behind a saturated store would exceed the timeouts of the services.
 */
const CONNECTIONS_PER_REPLICA = 2;
const MICROSECONDS_PER_SECOND = 1e6;

/** A measurement with one number of replicas, in one pass. */
export interface ScaleSample extends Throughput {
  readonly architecture: ArchitectureId;
  /** The fraction of its share that the shared part used, 0 to 1. */
  readonly sharedUse: number | undefined;
  /** The median of the replicas. */
  readonly replicaUse: number;
  readonly failures: number;
}

export interface PointOptions {
  readonly load: LoadGenerator;
  readonly architecture: ArchitectureId;
  /** The replicas that get requests; others stay idle. */
  readonly replicas: readonly HeldReplica[];
  readonly requests: readonly RequestPair[];
  readonly shared: CpuShare | undefined;
  /** Part of a core. */
  readonly share: number;
  readonly settleSeconds: number;
  readonly seconds: number;
}

export async function measurePoint(options: PointOptions): Promise<ScaleSample> {
  const { load, architecture, replicas, requests, shared, share } = options;
  const connections = CONNECTIONS_PER_REPLICA * replicas.length;
  const round = {
    urls: replicas.map(({ url }) => url),
    method: 'GET',
    connections,
    requests: spreadRequests(requests, { connections, targets: replicas.length }),
  } as const;
  const settled = await load.closedLoop({ ...round, seconds: options.settleSeconds });
  const usesOfReplicas = replicas.map((replica) => startUse(replica.share, share));
  const useOfShared = shared && startUse(shared, share);
  const result = await load.closedLoop({ ...round, seconds: options.seconds });
  return {
    architecture,
    replicas: replicas.length,
    perSecond: result.requests / result.seconds,
    sharedUse: useOfShared?.(),
    replicaUse: median(usesOfReplicas.map((use) => use())),
    failures: settled.failures + result.failures,
  };
}

/** @returns a function that returns the fraction of the share used since this call */
function startUse(share: CpuShare, cores: number): () => number {
  const usedBefore = share.usedMicroseconds();
  const before = performance.now();
  return () => {
    const used = (share.usedMicroseconds() - usedBefore) / MICROSECONDS_PER_SECOND;
    return used / (((performance.now() - before) / 1_000) * cores);
  };
}
