import type { ServiceProcess } from '@latchkey/local-stack';
import { pin, SERVER_CORE, type LoadGenerator } from '@latchkey/load-generator';
import type { ArchitectureId } from '../architectures/architecture.js';
import { ordersReplica } from '../architectures/orders-replica.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import type { Laboratory } from '../experiment.js';
import type { ControlGroups } from './control-groups/control-groups.js';
import type { CpuShare } from './control-groups/cpu-share.js';
import { spreadRequests, type RequestPair } from './spread-requests.js';

/**
 * Replicas that are started, and warmed up, together. More would compete for two cores and for the
 * shared part.
 */
const AT_ONCE = 4;
/**
 * V8 considers a process that allocates little to be idle, and runs full garbage collections to return
 * memory. A busy replica with 3 % of a core would spend half a minute of its share on one.
 */
const NODE_FLAGS = ['--no-memory-reducer'];
/** Small, because sixteen replicas share the connections of one Postgres. */
const DATABASE_POOL_SIZE = 4;
/**
 * Each round opens new connections, as the measurements do: the code for opening and closing them must
 * be compiled, too, which would take a held replica seconds.
 */
const WARM_UP_ROUNDS = 10;
/**
 * More than in measurements, so that each replica opens enough connections to the shared part during
 * the warm-up, when that has a whole core and answers quickly, and not later at the cost of its share.
 */
const WARM_UP_CONNECTIONS = 6;
/** Limits the rounds of introspection, which would take minutes. */
const LONGEST_ROUND_SECONDS = 4;
/**
 * The default timeouts assume whole cores. With a saturated auth or Postgres they would expire, and
 * reconnecting would cost the saturated part even more.
 */
const ASK_SECONDS = 60;

export interface HeldReplica {
  readonly url: string;
  readonly share: CpuShare;
  readonly service: ServiceProcess;
}

export interface HeldReplicasOptions {
  readonly laboratory: Laboratory;
  readonly parts: SharedParts;
  readonly groups: ControlGroups;
  readonly load: LoadGenerator;
  readonly architecture: ArchitectureId;
  readonly replicas: number;
  /** The part of a core that each replica is held to. */
  readonly share: number;
  readonly requests: readonly RequestPair[];
}

/** Starts replicas without a limit. */
export async function startReplicas(options: HeldReplicasOptions): Promise<HeldReplica[]> {
  const { laboratory, architecture, replicas } = options;
  const started: HeldReplica[] = [];
  while (started.length < replicas) {
    laboratory.interrupted.throwIfAborted();
    laboratory.onProgress(`${architecture}: ${started.length} of ${replicas} replicas are ready`);
    const next = Math.min(AT_ONCE, replicas - started.length);
    const starting = Array.from({ length: next }, (_, index) =>
      start(options, started.length + index),
    );
    started.push(...(await Promise.all(starting)));
  }
  return started;
}

async function start(
  { laboratory, parts, groups, architecture }: HeldReplicasOptions,
  index: number,
): Promise<HeldReplica> {
  const name = `${architecture}-${index + 1}`;
  const env = {
    DATABASE_POOL_SIZE: String(DATABASE_POOL_SIZE),
    SESSION_STORE_TIMEOUT_SECONDS: String(ASK_SECONDS),
  };
  const service = await ordersReplica({
    ...{ processes: laboratory.processes, parts, architecture, name, env },
    askMilliseconds: ASK_SECONDS * 1_000,
    nodeFlags: NODE_FLAGS,
  });
  await service.start();
  const share = groups.share(name);
  share.add(service.pid!);
  return { url: service.url, share, service };
}

/**
 * Warms up replicas on whole cores, which takes seconds instead of minutes, and then holds each one to
 * its share and all of them to one core. Every pass begins with this, because idle replicas cool down.
 *
 * @param requestsEach requests to each replica
 */
export async function warmAndHold(
  options: HeldReplicasOptions,
  replicas: readonly HeldReplica[],
  requestsEach: number,
): Promise<void> {
  const { laboratory, architecture, share } = options;
  for (const replica of replicas) replica.share.lift();
  for (let first = 0; first < replicas.length; first += AT_ONCE) {
    laboratory.interrupted.throwIfAborted();
    laboratory.onProgress(`${architecture}: ${first} of ${replicas.length} replicas are warm`);
    await warm(options, replicas.slice(first, first + AT_ONCE), requestsEach);
  }
  for (const replica of replicas) {
    pin(SERVER_CORE, replica.service.pid!);
    replica.share.limitTo(share);
  }
}

async function warm(
  { load, requests }: HeldReplicasOptions,
  replicas: readonly HeldReplica[],
  requestsEach: number,
): Promise<void> {
  const connections = WARM_UP_CONNECTIONS * replicas.length;
  for (let round = 0; round < WARM_UP_ROUNDS; round++)
    await load.closedLoop({
      urls: replicas.map(({ url }) => url),
      method: 'GET',
      connections,
      requests: spreadRequests(requests, { connections, targets: replicas.length }),
      seconds: LONGEST_ROUND_SECONDS,
      amount: Math.ceil(requestsEach / WARM_UP_ROUNDS) * replicas.length,
    });
}

export async function stopHeldReplicas(replicas: readonly HeldReplica[]): Promise<void> {
  for (const { share } of replicas) share.lift(); // An orderly shutdown takes processor time, too.
  await Promise.all(replicas.map(({ service }) => service.stop()));
  for (const { share } of replicas) share.remove();
}
