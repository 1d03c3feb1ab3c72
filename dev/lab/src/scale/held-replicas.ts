import type { ServiceProcess } from '@latchkey/local-stack';
import { pin, SERVER_CORE, type LoadGenerator } from '@latchkey/load-generator';
import type { ArchitectureId } from '../architectures/architecture.js';
import { ordersReplica } from '../architectures/orders-replica.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import type { Laboratory } from '../experiment.js';
import type { CpuLimits, CpuShare } from './cpu-limits.js';
import { spreadRequests, type RequestPair } from './spread-requests.js';

/**
 * Started, and warmed, together: more would take each other's time on two cores, and what they share is
 * one among them all then.
 */
const AT_ONCE = 4;
/**
 * V8 takes a process that allocates little per second for one that has time: it collects all garbage to
 * give memory back, which takes a busy replica with 3 % of a core half a minute of all it has.
 */
const NODE_FLAGS = ['--no-memory-reducer'];
/** Sixteen replicas and everything else share the connections of one Postgres. */
const DATABASE_POOL_SIZE = 4;
/**
 * Each on new connections, as points are: what a connection does when it begins and ends is code as
 * well, and a held replica would need seconds to learn it.
 */
const WARM_UP_ROUNDS = 10;
/**
 * More than the two of a point, since fewer of them wait for the shared part at once while it has a whole
 * core: each replica shall have as many connections to it as it will need, and not make them of its share.
 */
const WARM_UP_CONNECTIONS = 6;
/** Introspection would take minutes for as many requests as the others. */
const LONGEST_ROUND_SECONDS = 4;
/**
 * Time-outs that are made for whole cores would be over before a saturated auth or Postgres comes to
 * answer; and a connection that is given up is made again, at the cost of what has no time left.
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
  readonly limits: CpuLimits;
  readonly load: LoadGenerator;
  readonly architecture: ArchitectureId;
  readonly replicas: number;
  /** Part of a core that each is held to in the end. */
  readonly share: number;
  readonly requests: readonly RequestPair[];
}

/** Starts replicas, without a limit yet. */
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
  { parts, limits, architecture }: HeldReplicasOptions,
  index: number,
): Promise<HeldReplica> {
  const name = `${architecture}-${index + 1}`;
  const env = {
    DATABASE_POOL_SIZE: String(DATABASE_POOL_SIZE),
    SESSION_STORE_TIMEOUT_SECONDS: String(ASK_SECONDS),
  };
  const service = await ordersReplica({
    ...{ processes: limits.launcher, parts, architecture, name, env },
    askMilliseconds: ASK_SECONDS * 1_000,
    nodeFlags: NODE_FLAGS,
  });
  await service.start();
  const share = limits.share(name);
  share.add(service.pid!);
  return { url: service.url, share, service };
}

/**
 * Warms replicas on whole cores, which takes seconds instead of minutes, and holds them then, to one
 * core all together and to a share each. One that rested meanwhile needs a while of its share to come
 * back to what it did before: so each pass begins with this.
 *
 * @param requestsEach to each replica
 */
export async function warmAndHold(
  options: HeldReplicasOptions,
  replicas: readonly HeldReplica[],
  requestsEach: number,
): Promise<void> {
  const { laboratory, limits, architecture, share } = options;
  for (const replica of replicas) replica.share.lift();
  for (let first = 0; first < replicas.length; first += AT_ONCE) {
    laboratory.interrupted.throwIfAborted();
    laboratory.onProgress(`${architecture}: ${first} of ${replicas.length} replicas are warm`);
    await warm(options, replicas.slice(first, first + AT_ONCE), requestsEach);
  }
  for (const replica of replicas) {
    pin(SERVER_CORE, limits.processOf(replica.service.pid!));
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
  for (const { share } of replicas) share.lift(); // to end in order takes time as well
  await Promise.all(replicas.map(({ service }) => service.stop()));
  for (const { share } of replicas) share.remove();
}
