import { surroundings } from '../config.js';
import type { Route } from '../stack/stack-environment.js';
import { createFaultProxy, type FaultProxy } from './fault-proxy.js';

/** A proxy between each replica and NATS, so that one replica can be cut off alone. */
export class NatsProxies {
  readonly #proxies = new Map<string, FaultProxy[]>();

  /** The stack's option `route`. The server of `NATS_URL` has no proxy: TLS would not survive it. */
  readonly route: Route = async ({ from, to }, url) => {
    if (to !== 'nats' || surroundings().natsUrl !== undefined) return url;
    const proxy = await createFaultProxy(url);
    this.#proxies.set(from, [...(this.#proxies.get(from) ?? []), proxy]);
    return proxy.through(url);
  };

  /** The replicas that have a proxy. */
  get replicas(): readonly string[] {
    return [...this.#proxies.keys()];
  }

  /** Resets the connections of a replica, and refuses new ones. */
  cut(replica: string): void {
    for (const proxy of this.#proxies.get(replica) ?? []) proxy.cut();
  }

  heal(replica: string): void {
    for (const proxy of this.#proxies.get(replica) ?? []) proxy.heal();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#proxies.values()].flat().map((proxy) => proxy.close()));
  }
}
