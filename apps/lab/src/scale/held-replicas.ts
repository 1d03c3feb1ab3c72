import type { ServiceProcess } from '@latchkey/local-stack';
import { pin, SERVER_CORE, type LoadGenerator } from '@latchkey/measurement';
import type { ArchitectureId } from '../architectures/architecture.js';
import { ordersReplica } from '../architectures/orders-replica.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import type { Laboratory } from '../experiment.js';
import type { CpuLimits, CpuShare } from './cpu-limits.js';
import { spreadRequests, type RequestPair } from './spread-requests.js';

const STARTED_AT_ONCE = 4;
/** Sixteen replicas and everything else share the connections of one Postgres. */
const DATABASE_POOL_SIZE = 4;
/** Introspection would take minutes for as many requests as the others. */
const LONGEST_WARM_UP_SECONDS = 60;
/** A time-out that is made for a whole core would be over before a saturated auth comes to answer. */
const ASK_MILLISECONDS = 60_000;

export interface HeldReplica {
  readonly url: string;
  readonly share: CpuShare;
  readonly service: ServiceProcess;
}

export interface HeldReplicasOptions {
  readonly laboratory: Laboratory;
  readonly parts: SharedParts;
  readonly limits: CpuLimits;
  readonly load: LoadGenerator;
  readonly architecture: ArchitectureId;
  readonly replicas: number;
  /** Part of a core that each is held to in the end. */
  readonly share: number;
  readonly requests: readonly RequestPair[];
  /** Requests to each replica before it counts. */
  readonly warmUp: number;
}

/** Starts replicas and warms them on whole cores, which takes seconds instead of minutes, and holds them then. */
export async function startHeldReplicas(options: HeldReplicasOptions): Promise<HeldReplica[]> {
  const { laboratory, architecture, replicas, share } = options;
  const held: HeldReplica[] = [];
  while (held.length < replicas) {
    laboratory.interrupted.throwIfAborted();
    laboratory.onProgress(`${architecture}: ${held.length} of ${replicas} replicas are ready`);
    const next = Math.min(STARTED_AT_ONCE, replicas - held.length);
    const started = Array.from({ length: next }, (_, index) => start(options, held.length + index));
    held.push(...(await Promise.all(started)));
  }
  laboratory.onProgress(`${architecture}: warming ${replicas} replicas`);
  await warm(options, held);
  for (const replica of held) replica.share.limitTo(share);
  return held;
}

async function start(
  { parts, limits, architecture }: HeldReplicasOptions,
  index: number,
): Promise<HeldReplica> {
  const name = `${architecture}-${index + 1}`;
  const env = { DATABASE_POOL_SIZE: String(DATABASE_POOL_SIZE) };
  const service = await ordersReplica({
    ...{ leash: limits.launcher, parts, architecture, name, env },
    askMilliseconds: ASK_MILLISECONDS,
  });
  await service.start();
  const share = limits.share(name);
  share.add(service.pid!);
  return { url: service.url, share, service };
}

async function warm(
  { limits, load, requests, warmUp }: HeldReplicasOptions,
  replicas: readonly HeldReplica[],
): Promise<void> {
  const connections = 2 * replicas.length;
  await load.closedLoop({
    urls: replicas.map(({ url }) => url),
    method: 'GET',
    connections,
    requests: spreadRequests(requests, { connections, targets: replicas.length }),
    seconds: LONGEST_WARM_UP_SECONDS,
    amount: warmUp * replicas.length,
  });
  for (const { service } of replicas) pin(SERVER_CORE, limits.processOf(service.pid!));
}

export async function stopHeldReplicas(replicas: readonly HeldReplica[]): Promise<void> {
  for (const { share } of replicas) share.lift(); // to end in order takes time as well
  await Promise.all(replicas.map(({ service }) => service.stop()));
  for (const { share } of replicas) share.remove();
}
