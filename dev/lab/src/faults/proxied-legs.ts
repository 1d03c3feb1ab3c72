import type { Route } from '@latchkey/local-stack';
import { createFaultProxy, type FaultProxy } from '@latchkey/testing';
import { LEGS, type LegName } from './fault-kinds.js';

/** A proxy in front of each leg, so that legs can be broken independently. */
export class ProxiedLegs {
  readonly #proxies = new Map<string, FaultProxy>();

  /** The stack's route option, which is called once for each leg. */
  readonly route: Route = async ({ from, to }, url) => {
    const name = `${from} > ${to}`;
    if (!LEGS.some((leg) => leg === name)) return url;
    const proxy = await createFaultProxy(url);
    this.#proxies.set(name, proxy);
    return proxy.through(url);
  };

  /** @throws Error for an unknown leg */
  proxy(name: LegName): FaultProxy {
    const proxy = this.#proxies.get(name);
    if (!proxy) throw new Error(`there is no leg ${name}`);
    return proxy;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
  }
}
