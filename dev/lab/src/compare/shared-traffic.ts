import { createFaultProxy, type FaultProxy, type Traffic } from '@latchkey/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { architectureOf, type ArchitectureId } from '../architectures/architecture.js';
import { ordersReplica, type SharedLeg } from '../architectures/orders-replica.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import { requestsOf, type User } from '../architectures/users.js';
import type { Laboratory } from '../experiment.js';
import type { CompareScale } from './compare-scale.js';

/** What goes over the wire between a replica and what is shared. */
export interface SharedTraffic {
  /** Per request, to the part that the architecture asks; undefined where it asks none. */
  readonly perRequest: Traffic | undefined;
  /** From NATS, while nobody calls. */
  readonly backgroundBytesPerSecond: number;
}

/** The first requests open connections and prepare statements. */
const NOT_COUNTED = 20;

/** Counts in a replica of its own, behind proxies, whose cost would be seen in a measurement of time. */
export async function countSharedTraffic(
  { processes }: Laboratory,
  parts: SharedParts,
  architecture: ArchitectureId,
  users: readonly User[],
  { countedRequests, idleSeconds }: Pick<CompareScale, 'countedRequests' | 'idleSeconds'>,
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
    const call = (count: number) =>
      callOneByOne(replica.url, requestsOf(architecture, users), count);
    await call(NOT_COUNTED);
    return {
      perRequest: asks && (await trafficOf(asks, call, countedRequests)),
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

/** Per request. */
async function trafficOf(
  proxy: FaultProxy,
  call: (count: number) => Promise<void>,
  requests: number,
): Promise<Traffic> {
  const before = proxy.traffic;
  await call(requests);
  const after = proxy.traffic;
  return {
    up: (after.up - before.up) / requests,
    down: (after.down - before.down) / requests,
    questions: (after.questions - before.questions) / requests,
  };
}

/** While nobody calls. */
async function bytesPerSecond(proxy: FaultProxy, seconds: number): Promise<number> {
  const { down } = proxy.traffic;
  await delay(seconds * 1_000);
  return (proxy.traffic.down - down) / seconds;
}

async function callOneByOne(
  url: string,
  requests: ReturnType<typeof requestsOf>,
  count: number,
): Promise<void> {
  for (let index = 0; index < count; index++) {
    const { path, headers } = requests[index % requests.length]!;
    const response = await fetch(url + path, { headers });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  }
}
