import { median } from '@latchkey/local-stack';
import { createFaultProxy, type FaultProxy, type Traffic } from '@latchkey/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { architectureOf, type ArchitectureId } from '../architectures/architecture.js';
import { ordersReplica, type SharedLeg } from '../architectures/orders-replica.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import { requestsOf, type User } from '../architectures/users.js';
import type { Laboratory } from '../experiment.js';
import type { CompareSize } from './compare-size.js';

/** The network traffic between a replica and the shared parts. */
export interface SharedTraffic {
  /** Per request, to the part that the architecture asks, if any. */
  readonly perRequest: Traffic | undefined;
  /** From NATS, without any requests. */
  readonly backgroundBytesPerSecond: number;
}

/** The first requests, which open connections and prepare statements. */
const NOT_COUNTED = 20;

/** Counts the traffic of a separate replica behind proxies, which would distort timings. */
export async function countSharedTraffic(
  { processes }: Laboratory,
  parts: SharedParts,
  architecture: ArchitectureId,
  users: readonly User[],
  { countedRequests, idleSeconds }: Pick<CompareSize, 'countedRequests' | 'idleSeconds'>,
): Promise<SharedTraffic> {
  const { asksPerRequest: asked, hearsOfLogOuts = false } = architectureOf(architecture);
  if (!asked && !hearsOfLogOuts) return { perRequest: undefined, backgroundBytesPerSecond: 0 };
  const proxies = await proxiesTo(parts, architecture);
  const replica = await ordersReplica({
    processes,
    parts,
    architecture,
    name: `${architecture}-counted`,
    through: (leg, url) => proxies[leg]?.through(url) ?? url,
  });
  try {
    await replica.start();
    const asks = asked && proxies[asked === 'auth' ? 'auth' : 'session-store'];
    const call = callsTo(replica.url, requestsOf(architecture, users));
    for (let index = 0; index < NOT_COUNTED; index++) await call(index);
    return {
      perRequest: asks && (await trafficOfOne(asks, call, countedRequests)),
      backgroundBytesPerSecond: hearsOfLogOuts
        ? await bytesPerSecond(proxies.nats, idleSeconds)
        : 0,
    };
  } finally {
    await replica.stop();
    await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
  }
}

type Proxies = Readonly<Partial<Record<SharedLeg, FaultProxy>>> & { readonly nats: FaultProxy };

async function proxiesTo(
  { stack, redis, sessionPostgresUrl }: SharedParts,
  architecture: ArchitectureId,
): Promise<Proxies> {
  const store = architecture === 'session-redis' ? redis?.url : sessionPostgresUrl;
  return {
    nats: await createFaultProxy(stack.nats.url),
    auth: await createFaultProxy(stack.issuer),
    ...(store !== undefined && { 'session-store': await createFaultProxy(store) }),
  };
}

/**
 * The traffic of one request: the median of several, because a session's last use is stored once a
 * minute, and the request that does so asks twice.
 *
 * @param call makes one request
 */
export async function trafficOfOne(
  proxy: Pick<FaultProxy, 'traffic'>,
  call: (index: number) => Promise<void>,
  requests: number,
): Promise<Traffic> {
  const each: Traffic[] = [];
  for (let index = 0; index < requests; index++) {
    const before = proxy.traffic;
    await call(index);
    const after = proxy.traffic;
    each.push({
      up: after.up - before.up,
      down: after.down - before.down,
      questions: after.questions - before.questions,
    });
  }
  const typical = (part: keyof Traffic) => median(each.map((traffic) => traffic[part]));
  return { up: typical('up'), down: typical('down'), questions: typical('questions') };
}

/** Measured without any requests. */
async function bytesPerSecond(proxy: FaultProxy, seconds: number): Promise<number> {
  const { down } = proxy.traffic;
  await delay(seconds * 1_000);
  return (proxy.traffic.down - down) / seconds;
}

function callsTo(url: string, requests: ReturnType<typeof requestsOf>) {
  return async (index: number): Promise<void> => {
    const { path, headers } = requests[index % requests.length]!;
    const response = await fetch(url + path, { headers });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${path} responded with ${response.status}`);
  };
}
