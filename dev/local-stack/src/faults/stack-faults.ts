import type { StackPart } from '@latchkey/contracts/live';
import type { LatchkeyStack } from '../stack/latchkey-stack.js';
import { replicaNames } from '../stack/stack-replicas.js';
import { BreakablePart, type PartControls } from './breakable-part.js';
import type { NatsProxies } from './nats-proxies.js';

/** Everything that can be broken in a stack that starts its own servers, with Redis. */
export const BREAKABLE_PARTS: readonly string[] = [
  'nats',
  'auth',
  'postgres',
  'redis',
  ...replicaNames(1).map((name) => `nats:${name}`),
];

/** No such part can be broken. */
export class UnknownPartError extends Error {
  override readonly name = 'UnknownPartError';
  constructor(
    part: string,
    readonly known: readonly string[],
  ) {
    super(`${JSON.stringify(part)} cannot be broken. These can: ${known.join(', ')}`);
  }
}

/** The parts of a running stack that can be broken for a while. Servers that the stack did not start are left alone. */
export class StackFaults {
  readonly #parts: ReadonlyMap<string, BreakablePart>;

  /** @param proxies whose `route` the stack was started with */
  constructor(
    stack: LatchkeyStack,
    private readonly proxies: NatsProxies,
  ) {
    const controls = [...servers(stack), ...connections(proxies)];
    this.#parts = new Map(controls.map((each) => [each.part, new BreakablePart(each)]));
  }

  /** The names of the parts. */
  get names(): readonly string[] {
    return [...this.#parts.keys()];
  }

  get status(): readonly StackPart[] {
    return [...this.#parts.values()].map(({ status }) => status);
  }

  /** @throws UnknownPartError that lists the parts */
  part(name: string): BreakablePart {
    const part = this.#parts.get(name);
    if (!part) throw new UnknownPartError(name, this.names);
    return part;
  }

  async healAll(): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => part.heal()));
  }

  /** Ends all timers and proxies. Nothing is healed: the stack is about to end. */
  async close(): Promise<void> {
    for (const part of this.#parts.values()) part.close();
    await this.proxies.close();
  }
}

function servers(stack: LatchkeyStack): PartControls[] {
  const { nats, postgres, sessionStore } = stack;
  const auth: PartControls = {
    part: 'auth',
    does: 'stop auth',
    breakIt: () => each(stack.authReplicas, (replica) => replica.stop()),
    healIt: () => each(stack.authReplicas, (replica) => startOnce(replica)),
  };
  const redis = sessionStore?.kind === 'redis' && sessionStore.server ? sessionStore : undefined;
  return [
    ...(nats.server ? [serverControls('nats', 'stop NATS', nats)] : []),
    auth,
    ...(postgres.pid === undefined ? [] : [serverControls('postgres', 'stop Postgres', postgres)]),
    ...(redis ? [serverControls('redis', 'stop Redis', redis)] : []),
  ];
}

interface Server {
  stop(): Promise<void>;
  restart(): Promise<void>;
}

const serverControls = (part: string, does: string, server: Server): PartControls => ({
  part,
  does,
  breakIt: () => server.stop(),
  healIt: () => server.restart(),
});

const connections = (proxies: NatsProxies): PartControls[] =>
  proxies.replicas.map((replica) => ({
    part: `nats:${replica}`,
    does: `cut ${replica} off from NATS`,
    breakIt: () => Promise.resolve(proxies.cut(replica)),
    healIt: () => Promise.resolve(proxies.heal(replica)),
  }));

interface Startable {
  readonly running: boolean;
  start(): Promise<void>;
}

const startOnce = async (replica: Startable) => {
  if (!replica.running) await replica.start();
};

async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>) {
  await Promise.all(items.map(work));
}
