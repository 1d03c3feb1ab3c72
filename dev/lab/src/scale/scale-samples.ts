import { median, type LoadGenerator } from '@latchkey/load-generator';
import type { ArchitectureId } from '../architectures/architecture.js';
import type { CpuShare } from './cpu-limits.js';
import type { HeldReplica } from './held-replicas.js';
import type { Throughput } from './scalability-law.js';
import { spreadRequests, type RequestPair } from './spread-requests.js';

/**
 * On each connection one request is under way. A replica that is held has used its quota long before
 * either of two would let it wait; and behind a saturated store more would wait for longer than the
 * time-outs of the services, which are made for whole cores.
 */
const CONNECTIONS_PER_REPLICA = 2;
const MICROSECONDS_PER_SECOND = 1e6;

/** One point of one pass. */
export interface ScaleSample extends Throughput {
  readonly architecture: ArchitectureId;
  /** Part of its share that the shared part used, 0 to 1. */
  readonly sharedUse: number | undefined;
  /** The median over the replicas. */
  readonly replicaUse: number;
  readonly failures: number;
}

export interface PointOptions {
  readonly load: LoadGenerator;
  readonly architecture: ArchitectureId;
  /** Those that take part; the others stay idle. */
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

/** @returns what tells the part of its share that has been used since */
function startUse(share: CpuShare, cores: number): () => number {
  const usedBefore = share.usedMicroseconds();
  const before = performance.now();
  return () => {
    const used = (share.usedMicroseconds() - usedBefore) / MICROSECONDS_PER_SECOND;
    return used / (((performance.now() - before) / 1_000) * cores);
  };
}
