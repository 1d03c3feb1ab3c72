import type { Problem } from '@latchkey/contracts';
import { waitFor, type Answer, type CallTokens } from '@latchkey/local-stack';
import { Order, type Product } from '@latchkey/shop-contracts';
import { randomUUID } from 'node:crypto';
import { EDGE } from '../../src/shared-stack.js';
import { GatedShop } from './gated-shop.js';
import { Shop } from './shop-fixture.js';

const SKU = 'VWR-20';

/** The same order flows with either kind of tokens for calls. */
describe.each<CallTokens>(['exchange', 'transaction'])('with CALL_TOKENS=%s', (callTokens) => {
  let shop: Shop;
  let gated: GatedShop;

  beforeAll(async () => {
    shop = await Shop.open();
    gated = await GatedShop.start(shop.stack, callTokens);
  });
  afterAll(() => gated?.close());

  const viewer = (): Product => shop.product(SKU);
  const place = (
    token: string,
    { key = randomUUID(), quantity = 1 }: { key?: string; quantity?: number } = {},
  ) => shop.placeOrder(token, shop.basket(viewer(), quantity), key, gated.orders);
  const code = ({ body }: Answer) => (body as Problem).code;
  const hold = async (token: string, quantity: number) =>
    shop.send(gated.inventory, '/reservations', token, {
      body: { orderId: randomUUID(), lines: shop.basket(viewer(), quantity).lines },
    });

  const reservationsOf = async (token: string) =>
    (
      (await shop.send(gated.inventory, '/reservations', token)).body as {
        reservations: { id: string }[];
      }
    ).reservations;

  it('an order is paid, and its stock is sold', async () => {
    const before = await shop.available(viewer().id);
    const { status, body } = await place(await shop.token(), { quantity: 2 });
    const order = Order.parse(body);
    expect([status, order.state]).toEqual([201, 'paid']);
    const outcome = { order: 'paid', reservation: 'sold', payment: 'captured' };
    expect(await gated.outcome(order.id)).toEqual(outcome);
    expect(await shop.available(viewer().id)).toBe(before - 2);
  });

  it('an order of more than there is costs nothing', async () => {
    const available = await shop.available(viewer().id);
    const bob = await shop.token();
    // At most 1,000 units are one reservation. They expire, like those of any customer.
    expect((await hold(bob, available - 200)).status).toBe(201);
    const answer = await place(await shop.token(), { quantity: 201 });
    expect([answer.status, code(answer)]).toEqual([409, 'out_of_stock']);
    const outcome = { order: 'out_of_stock', reservation: undefined, payment: undefined };
    expect(await gated.outcome(await gated.newestOrder())).toEqual(outcome);
    const [{ id } = { id: '' }] = await reservationsOf(bob);
    const released = `/reservations/${id}/release`;
    const token = await shop.byOrders(bob);
    expect((await shop.send(gated.inventory, released, token, { body: {} })).status).toBe(200);
  });

  it('a declined payment releases the stock', async () => {
    const before = await shop.available(viewer().id);
    const declined = shop.basket(viewer(), 3, 'declined-card');
    const answer = await shop.placeOrder(await shop.token(), declined, randomUUID(), gated.orders);
    expect([answer.status, code(answer)]).toEqual([402, 'payment_declined']);
    const outcome = { order: 'payment_declined', reservation: 'released', payment: 'declined' };
    expect(await gated.outcome(await gated.newestOrder())).toEqual(outcome);
    expect(await shop.available(viewer().id)).toBe(before);
  });

  it('a token without a scope of the chain is refused, and nothing is held', async () => {
    const before = await shop.available(viewer().id);
    const answer = await place(await shop.token('orders:read orders:write inventory:write'));
    expect([answer.status, code(answer)]).toEqual([403, 'insufficient_scope']);
    expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
    expect(await shop.available(viewer().id)).toBe(before);
  });

  it('an order within a transaction that another service has begun is refused', async () => {
    const scope = 'orders:write inventory:write payments:write';
    const transaction = await shop.transaction(EDGE, await shop.token(), scope);
    const headers = { 'txn-token': transaction, 'idempotency-key': randomUUID() };
    const own = await shop.ownToken(EDGE, 'orders');
    const body = shop.basket(viewer());
    const newest = await gated.newestOrder();
    const answer = await shop.send(gated.orders, '/orders', own, { headers, body });
    const codes = {
      exchange: 'transaction_token_not_accepted',
      transaction: 'outside_transaction',
    };
    expect([answer.status, code(answer)]).toEqual([403, codes[callTokens]]);
    expect(await gated.newestOrder()).toBe(newest);
  });

  if (callTokens === 'transaction')
    it('an order waits while inventory exchanges tokens, and goes on when it is switched', async () => {
      const { inventory } = gated.gates;
      const switched = inventory.target;
      inventory.target = shop.stack.replicas.inventory.url;
      const [token, key] = [await shop.token(), randomUUID()];
      const early = await place(token, { key });
      inventory.target = switched;
      expect([early.status, code(early)]).toEqual([502, 'bad_gateway']);
      const pending = { order: 'pending', reservation: undefined, payment: undefined };
      expect(await gated.outcome(await gated.newestOrder())).toEqual(pending);
      expect((await place(token, { key })).status).toBe(201);
    });

  describe('while auth is down', () => {
    afterEach(() => {
      gated.gates.auth.isDown = false;
    });

    it(
      {
        exchange: 'orders with cached tokens go on, and others wait',
        transaction: 'no order goes on, because each begins a transaction',
      }[callTokens],
      async () => {
        const [ada, bob] = [await shop.token(), await shop.token()];
        expect((await place(ada)).status).toBe(201);
        gated.gates.auth.isDown = true;
        const known = await place(ada);
        expect(known.status).toBe(callTokens === 'exchange' ? 201 : 503);
        const key = randomUUID();
        const refused = await place(bob, { key });
        expect([refused.status, code(refused)]).toEqual([503, 'token_unavailable']);
        expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
        const orderId = await gated.newestOrder();
        const pending = { order: 'pending', reservation: undefined, payment: undefined };
        expect(await gated.outcome(orderId)).toEqual(pending);
        gated.gates.auth.isDown = false;
        await waitFor(async () => (await place(bob, { key })).status === 201, {
          timeoutMs: 30_000,
          intervalMs: 200,
          what: 'the order to go on',
        });
        expect(await gated.outcome(orderId)).toMatchObject({ order: 'paid' });
      },
    );
  });
});
