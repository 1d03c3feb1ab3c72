import type { Route } from '@latchkey/local-stack';
import { createFaultProxy, type FaultProxy } from '@latchkey/testing';
import { LEGS, type LegName } from './schedule.js';

/** A proxy before each leg, so that each one can be broken by itself. */
export class ProxiedLegs {
  readonly #proxies = new Map<string, FaultProxy>();

  /** For the stack, which asks for each leg once. */
  readonly route: Route = async ({ from, to }, url) => {
    const name = `${from} > ${to}`;
    if (!LEGS.some((leg) => leg === name)) return url;
    const proxy = await createFaultProxy(url);
    this.#proxies.set(name, proxy);
    return proxy.through(url);
  };

  /** @throws for a leg that the stack does not have */
  proxy(name: LegName): FaultProxy {
    const proxy = this.#proxies.get(name);
    if (!proxy) throw new Error(`there is no leg ${name}`);
    return proxy;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
  }
}
