import { rotated, summarize } from '@latchkey/load-generator';
import type { LatchkeyStack } from '@latchkey/local-stack';
import { distributionOf } from '../distribution.js';
import type { CallWay } from './call-way.js';
import { Customer } from './customers.js';
import type { TokensSize } from './size.js';
import type { ChainLatency } from './tokens-report.js';
import type { WayShop } from './way-shop.js';

/** Milliseconds of each order, by round. */
interface Samples {
  readonly warm: number[][];
  readonly cold: number[][];
}

/**
 * Measures orders one after another. Every round measures every way, each time in another order, so that a slow
 * moment of the machine affects all of them.
 */
export async function measureLatency(
  { issuer }: LatchkeyStack,
  shops: readonly WayShop[],
  size: TokensSize,
  onProgress: (message: string) => void,
): Promise<ReadonlyMap<CallWay, Record<keyof Samples, ChainLatency>>> {
  const samples = new Map<CallWay, Samples>();
  for (const shop of shops) {
    onProgress(`warming up: ${shop.way}`);
    samples.set(shop.way, { warm: [], cold: [] });
    await sample(await Customer.logIn(issuer), shop, size.warmUpOrders);
  }
  for (let round = 0; round < size.rounds; round++)
    for (const shop of rotated(shops, round)) {
      onProgress(`latency, round ${round + 1} of ${size.rounds}: ${shop.way}`);
      const { warm, cold } = samples.get(shop.way)!;
      const customer = await Customer.logIn(issuer);
      cold.push(await sample(customer, shop, size.coldOrders, () => customer.renew()));
      warm.push(await sample(customer, shop, size.warmOrders));
    }
  return new Map(
    [...samples].map(([way, { warm, cold }]) => [
      way,
      { warm: latencyOf(warm), cold: latencyOf(cold) },
    ]),
  );
}

/** @param before called before each order, and not measured */
async function sample(
  customer: Customer,
  { orders, inventory }: WayShop,
  count: number,
  before?: () => Promise<void>,
): Promise<number[]> {
  const product = await customer.product(inventory);
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    await before?.();
    times.push((await customer.order(orders, product)).milliseconds);
  }
  return times;
}

const latencyOf = (rounds: readonly (readonly number[])[]): ChainLatency => ({
  all: distributionOf(rounds.flat()),
  medians: summarize(rounds.map((times) => distributionOf(times).p50)),
});
