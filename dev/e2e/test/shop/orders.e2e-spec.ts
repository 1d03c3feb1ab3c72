import type { Problem } from '@latchkey/contracts';
import type { Answer } from '@latchkey/local-stack';
import { Order, Reservation, type Product } from '@latchkey/shop-contracts';
import { waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { Shop } from './shop-fixture.js';

describe('placing an order', () => {
  let shop: Shop;
  let ada: string;

  const product = (sku: string) => shop.product(sku);
  const basket = (...parameters: Parameters<Shop['basket']>) => shop.basket(...parameters);
  const problem = (answer: Answer) => answer.body as Problem & { orderId?: string };
  /** Repeats the request with the same key for as long as the answer says to retry. */
  const untilAnswered = (place: () => Promise<Answer>) =>
    waitFor(
      async () => {
        const answer = await place();
        return answer.headers.has('retry-after') ? undefined : answer;
      },
      { timeoutMs: 20_000, intervalMs: 200, what: 'a final answer' },
    );

  /** The stock on the shelf now; other test files sell, too. */
  const stocked = async (sku: string): Promise<Product> => ({
    ...product(sku),
    available: await shop.available(product(sku).id),
  });

  beforeAll(async () => {
    shop = await Shop.open();
  });
  beforeEach(async () => {
    ada = await shop.token();
  });

  it('reserves the stock, charges the price, and is visible to its owner', async () => {
    const padlock = await stocked('PAD-40');
    const { status, body } = await shop.placeOrder(ada, basket(padlock, 2));
    const order = Order.parse(body);
    expect([status, order.state]).toEqual([201, 'paid']);
    expect(order.total).toEqual({ minorUnits: padlock.price.minorUnits * 2, currency: 'EUR' });
    expect(await shop.available(padlock.id)).toBe(padlock.available - 2);
    expect(await shop.payments(ada)).toMatchObject([{ state: 'captured', amount: order.total }]);
    expect(await shop.order(ada, order.id)).toEqual(order);
  });

  it('is visible to no other user but an administrator', async () => {
    const { id } = Order.parse((await shop.placeOrder(ada, basket(product('PAD-40')))).body);
    const bob = await shop.token();
    expect((await shop.send('orders-1', `/orders/${id}`, bob)).status).toBe(404);
    expect((await shop.send('orders-1', '/orders', bob)).body).toEqual({ orders: [] });
    expect((await shop.send('orders-1', '/orders?all=true', bob)).status).toBe(403);
    const admin = await shop.adminToken();
    expect((await shop.send('orders-1', `/orders/${id}`, admin)).status).toBe(200);
    const { body } = await shop.send('orders-1', '/orders?all=true', admin);
    expect(body).toMatchObject({
      orders: expect.arrayContaining([expect.objectContaining({ id })]),
    });
  });

  describe('when many users order the last units', () => {
    it('sells each unit once', async () => {
      const vault = await stocked('VLT-01');
      expect(vault.available).toBe(5);
      // Each user buys several, because a log-in takes long on purpose.
      const users = await Promise.all(Array.from({ length: 10 }, () => shop.token()));
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, buyer) => {
          const token = users[buyer % users.length]!;
          const key = randomUUID();
          const replica = buyer % 2 ? 'orders-1' : 'orders-2';
          return untilAnswered(() => shop.placeOrder(token, basket(vault), key, replica));
        }),
      );
      const refused = answers.filter(({ status }) => status !== 201);
      expect(answers.length - refused.length).toBe(5);
      for (const answer of refused) {
        expect(answer.status).toBe(409);
        expect(problem(answer)).toMatchObject({ code: 'out_of_stock' });
        expect(problem(answer).detail).toContain(vault.id);
      }
      expect(await shop.available(vault.id)).toBe(0);
    });
  });

  describe('when the same request is repeated', () => {
    it('places one order and charges once, even for concurrent requests', async () => {
      const bolt = product('BLT-02');
      const before = await shop.available(bolt.id);
      const key = randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, number) =>
          untilAnswered(() =>
            shop.placeOrder(ada, basket(bolt), key, number % 2 ? 'orders-1' : 'orders-2'),
          ),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
      expect(await shop.payments(ada)).toHaveLength(1);
      expect(await shop.available(bolt.id)).toBe(before - 1);
    });

    it('repeats a refusal', async () => {
      const declined = basket(product('BLT-02'), 1, 'declined-card');
      const first = await shop.placeOrder(ada, declined, 'again');
      const second = await shop.placeOrder(ada, declined, 'again', 'orders-2');
      const withoutRequestId = ({ body }: Answer) => ({ ...(body as object), requestId: '' });
      expect([first.status, second.status]).toEqual([402, 402]);
      expect(withoutRequestId(second)).toEqual(withoutRequestId(first));
    });

    it('is refused with another body, and places another order for another user', async () => {
      const bolt = product('BLT-02');
      expect((await shop.placeOrder(ada, basket(bolt, 1), 'mine')).status).toBe(201);
      const other = await shop.placeOrder(ada, basket(bolt, 2), 'mine');
      expect([other.status, problem(other).code]).toEqual([422, 'idempotency_key_reused']);
      expect((await shop.placeOrder(await shop.token(), basket(bolt, 2), 'mine')).status).toBe(201);
    });
  });

  describe('when the payment is declined', () => {
    it('releases the stock and names the order', async () => {
      const safe = await stocked('SAF-30');
      const answer = await shop.placeOrder(ada, basket(safe, 3, 'declined-card'));
      expect([answer.status, problem(answer).code]).toEqual([402, 'payment_declined']);
      expect(await shop.available(safe.id)).toBe(safe.available);
      expect(await shop.order(ada, problem(answer).orderId!)).toMatchObject({
        state: 'payment_declined',
      });
    });
  });

  describe('when payments is down', () => {
    const payments = () => shop.stack.replicas.payments;
    afterEach(() => payments().restart());

    it('releases the stock, and the same key completes the order later', async () => {
      const chain = await stocked('CHN-01');
      const key = randomUUID();
      await payments().kill();
      const answer = await shop.placeOrder(ada, basket(chain), key);
      expect([answer.status, problem(answer).code]).toEqual([503, 'payments_unavailable']);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(await shop.available(chain.id)).toBe(chain.available);
      await payments().start();
      const retried = await shop.placeOrder(ada, basket(chain), key, 'orders-2');
      expect(retried.status).toBe(201);
      expect(await shop.payments(ada)).toHaveLength(1);
      expect(await shop.available(chain.id)).toBe(chain.available - 1);
    });

    it('charges once if the first charge arrives late', async () => {
      const key = randomUUID();
      payments().signal('SIGSTOP');
      const answer = await shop.placeOrder(ada, basket(product('CHN-01')), key);
      payments().signal('SIGCONT');
      expect(answer.status).toBe(503);
      await waitFor(async () => (await shop.payments(ada)).length === 1);
      expect((await shop.placeOrder(ada, basket(product('CHN-01')), key)).status).toBe(201);
      expect(await shop.payments(ada)).toMatchObject([{ state: 'captured' }]);
    });

    it('refunds a charge if another user has got the stock meanwhile', async () => {
      const safe = product('SAF-30');
      const all = await shop.available(safe.id);
      const key = randomUUID();
      payments().signal('SIGSTOP');
      const answer = await shop.placeOrder(ada, basket(safe, all), key);
      payments().signal('SIGCONT');
      expect(answer.status).toBe(503);
      const bob = await shop.token();
      expect((await shop.placeOrder(bob, basket(safe, all))).status).toBe(201);
      const retried = await shop.placeOrder(ada, basket(safe, all), key);
      expect([retried.status, problem(retried).code]).toEqual([409, 'out_of_stock']);
      await waitFor(async () => (await shop.payments(ada)).length === 1);
      expect(['refunded', 'cancelled']).toContain((await shop.payments(ada))[0]?.state);
    });

    it('stands by a refusal with a delayed refund, even if the stock is available again', async () => {
      const { id: productId, available } = await stocked('KSF-05');
      const everything = basket(product('KSF-05'), available);
      const key = randomUUID();
      payments().signal('SIGSTOP');
      expect((await shop.placeOrder(ada, everything, key)).status).toBe(503);
      payments().signal('SIGCONT');
      await waitFor(async () => (await shop.payments(ada))[0]?.state === 'captured');
      const bob = await shop.token();
      const held = await shop.send('inventory', '/reservations', bob, {
        body: { orderId: randomUUID(), lines: everything.lines },
      });
      const { id } = Reservation.parse(held.body);
      payments().signal('SIGSTOP');
      expect((await shop.placeOrder(ada, everything, key)).status).toBe(503);
      await shop.send('inventory', `/reservations/${id}/release`, await shop.byOrders(bob), {
        body: {},
      });
      payments().signal('SIGCONT');
      const retried = await shop.placeOrder(ada, everything, key);
      expect([retried.status, problem(retried).code]).toEqual([409, 'out_of_stock']);
      expect(await shop.payments(ada)).toMatchObject([{ state: 'refunded' }]);
      expect(await shop.available(productId)).toBe(available);
    });
  });

  describe('when inventory is down', () => {
    it('charges nothing, and the same key completes the order later', async () => {
      const key = randomUUID();
      await shop.stack.replicas.inventory.kill();
      const answer = await shop.placeOrder(ada, basket(product('HSP-11')), key);
      await shop.stack.replicas.inventory.start();
      expect([answer.status, problem(answer).code]).toEqual([503, 'inventory_unavailable']);
      expect(await shop.payments(ada)).toEqual([]);
      expect((await shop.placeOrder(ada, basket(product('HSP-11')), key)).status).toBe(201);
    });
  });

  describe('when orders is killed in the middle', () => {
    it('lets another replica complete the order, and charges once', async () => {
      const latch = await stocked('LAT-01');
      const key = randomUUID();
      shop.stack.replicas.payments.signal('SIGSTOP');
      const lost = shop.placeOrder(ada, basket(latch), key).catch(() => 'lost');
      await waitFor(async () => (await shop.available(latch.id)) === latch.available - 1);
      await shop.stack.replicas['orders-1'].kill();
      shop.stack.replicas.payments.signal('SIGCONT');
      expect(await lost).toBe('lost');
      const answer = await untilAnswered(() =>
        shop.placeOrder(ada, basket(latch), key, 'orders-2'),
      );
      await shop.stack.replicas['orders-1'].start();
      expect(answer.status).toBe(201);
      expect(await shop.payments(ada)).toMatchObject([{ state: 'captured' }]);
      expect(await shop.available(latch.id)).toBe(latch.available - 1);
    });
  });

  it('is refused with 403 if the token lacks a scope that another service requires', async () => {
    const lock = await stocked('PAD-60');
    const token = await shop.token('orders:read orders:write inventory:write');
    const answer = await shop.placeOrder(token, basket(lock));
    expect([answer.status, problem(answer).code]).toEqual([403, 'insufficient_scope']);
    expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
    // The charge was refused before it was sent, so the stock is free again.
    expect(await shop.available(lock.id)).toBe(lock.available);
  });

  describe('bad input', () => {
    const line = () => ({ productId: product('PAD-40').id, quantity: 1 });
    const good = () => ({ lines: [line()], paymentMethod: 'test-card' });

    it.each([
      ['no lines', () => ({ ...good(), lines: [] }), '/lines'],
      ['no payment method', () => ({ lines: [line()] }), '/paymentMethod'],
      ['an unknown payment method', () => ({ ...good(), paymentMethod: 'iou' }), '/paymentMethod'],
      [
        'half a unit',
        () => ({ ...good(), lines: [{ ...line(), quantity: 0.5 }] }),
        '/lines/0/quantity',
      ],
      ['a price', () => ({ ...good(), lines: [{ ...line(), price: 1 }] }), '/lines/0/price'],
      ['an unknown field', () => ({ ...good(), discount: 100 }), '/discount'],
    ])('with %s is refused, and the field is named', async (_, body, field) => {
      const headers = { 'idempotency-key': randomUUID() };
      const answer = await shop.send('orders-1', '/orders', ada, { body: body(), headers });
      expect(answer.status).toBe(400);
      expect(problem(answer).errors).toMatchObject([{ in: 'body', field }]);
    });

    it.each([
      ['no key', {}],
      ['an empty key', { 'idempotency-key': '' }],
      ['a key with a blank', { 'idempotency-key': 'a b' }],
      ['a key that is too long', { 'idempotency-key': 'a'.repeat(129) }],
    ])('with %s is refused, and the header is named', async (_, headers) => {
      const answer = await shop.send('orders-1', '/orders', ada, { body: good(), headers });
      expect(answer.status).toBe(400);
      expect(problem(answer).errors).toMatchObject([{ in: 'header', field: 'idempotency-key' }]);
    });

    it('with an unknown product is refused, and stays refused', async () => {
      const unknown = { ...good(), lines: [{ productId: randomUUID(), quantity: 1 }] };
      const headers = { 'idempotency-key': randomUUID() };
      for (let time = 0; time < 2; time++) {
        const answer = await shop.send('orders-1', '/orders', ada, { body: unknown, headers });
        expect([answer.status, problem(answer).code]).toEqual([422, 'unknown_product']);
        expect(problem(answer).errors).toMatchObject([{ field: '/lines/0/productId' }]);
      }
    });
  });
});
