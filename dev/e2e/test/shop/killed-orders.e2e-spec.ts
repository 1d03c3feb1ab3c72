import type { Problem } from '@latchkey/contracts';
import { waitFor, type CallTokens } from '@latchkey/local-stack';
import { randomUUID } from 'node:crypto';
import { GatedShop } from './gated-shop.js';
import { Shop } from './shop-fixture.js';

const SKU = 'VWR-20';
const SWEEP_SECONDS = 0.2;

describe.each<CallTokens>(['exchange', 'transaction'])('with CALL_TOKENS=%s', (callTokens) => {
  let shop: Shop;
  let gated: GatedShop;
  beforeAll(async () => {
    shop = await Shop.open();
    gated = await GatedShop.start(shop.stack, callTokens, SWEEP_SECONDS);
  });
  afterAll(() => gated?.close());

  it.each([
    ['before it gets a token', 'auth', /token$/],
    ['before it reserves stock', 'inventory', /^\/reservations$/],
  ] as const)('an order whose process is killed %s fails by itself', async (_, gate, path) => {
    const token = await shop.token();
    const product = shop.product(SKU);
    const before = await shop.available(product.id);
    const key = randomUUID();
    const place = () => shop.placeOrder(token, shop.basket(product), key, gated.orders);
    // The call is never released, so it does not arrive.
    const held = gated.gates[gate].hold(path, 'request');
    const cut = place().catch(() => 'cut');
    await held;
    const orderId = await gated.newestOrder();
    await gated.orders.kill();
    expect(await cut).toBe('cut');
    const left = { reservation: undefined, payment: undefined };
    expect(await gated.outcome(orderId)).toEqual({ order: 'pending', ...left });

    await gated.orders.start();
    await waitFor(async () => (await gated.outcome(orderId)).order !== 'pending', {
      timeoutMs: 30_000,
      what: 'the end of the order',
    });
    expect(await gated.outcome(orderId)).toEqual({ order: 'failed', ...left });
    const repeated = await place();
    expect([repeated.status, (repeated.body as Problem).code]).toEqual([409, 'order_abandoned']);
    expect(await shop.available(product.id)).toBe(before);
    const next = await shop.placeOrder(token, shop.basket(product), randomUUID(), gated.orders);
    expect(next.status).toBe(201);
  });
});
