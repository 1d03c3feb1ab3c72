import { Order } from '@latchkey/shop-contracts';
import { planOf, waitFor } from '@latchkey/testing';
import { DataSource } from 'typeorm';
import { AbandonedOrders, FAIL_ABANDONED, PAGE_ROWS } from '../src/abandon/abandoned-orders.js';
import { ORDER_ABANDONED } from '../src/orders/order-abandoned.js';
import { OrderStore } from '../src/place-order/order-store.js';
import {
  IDLE_SECONDS,
  LeftOrdersFixture,
  REQUEST,
  type Left,
  type Row,
} from './left-orders-fixture.js';

describe('an order whose user did not come back', () => {
  let orders: LeftOrdersFixture;
  let reservations = 0;

  const sweep = () => orders.service.app.get(AbandonedOrders).sweep();
  const repeat = async ({ userId, idempotencyKey }: Row) => {
    const token = await orders.authority.issuer.makeToken({
      ...{ subject: userId, scope: 'orders:write' },
    });
    const headers = { 'idempotency-key': idempotencyKey };
    const { status, body } = await orders.post('/orders', token, REQUEST, headers);
    return { status, code: body['code'] };
  };
  const endLease = ({ id }: Row) =>
    orders.query("UPDATE orders SET leased_until = '-infinity' WHERE id = $1", [id]);

  beforeAll(async () => {
    // Inventory is down.
    orders = new LeftOrdersFixture((_, response) => {
      reservations++;
      response.writeHead(500).end();
    });
    await orders.start();
  });
  afterAll(() => orders.close());
  beforeEach(async () => {
    reservations = 0;
    await orders.query('DELETE FROM orders');
  });

  it('fails once nobody has worked on it for the time that is configured', async () => {
    const order = await orders.leave();
    expect(await sweep()).toBe(1);
    expect(await orders.stored(order)).toEqual({ state: 'failed', code: 'order_abandoned' });
    expect(await sweep()).toBe(0);
    // Its user gets the same answer as to any finished order, and nothing is reserved.
    expect(await repeat(order)).toEqual({ status: 409, code: 'order_abandoned' });
    expect(reservations).toBe(0);
  });

  const FINISHED = Order.shape.state.options.filter((state) => state !== 'pending');
  it.each<readonly [string, Left]>([
    ['somebody works on it', { idleSeconds: -10 }],
    ['somebody did a moment ago', { idleSeconds: IDLE_SECONDS - 60 }],
    ['it may have been charged, so that inventory has a reservation', { paymentAttempted: true }],
    ['its refusal is being carried out', { refusal: ORDER_ABANDONED }],
    ...FINISHED.map((state) => [`it is ${state}`, { state }] as const),
  ])('is left alone if %s', async (_, left) => {
    const order = await orders.leave(left);
    const before = await orders.stored(order);
    expect(await sweep()).toBe(0);
    expect(await orders.stored(order)).toEqual(before);
  });

  it('is one of any number, which fail page by page', async () => {
    for (let count = 0; count <= PAGE_ROWS; count++) await orders.leave();
    expect(await sweep()).toBe(PAGE_ROWS + 1);
  });

  describe('and comes back at the same moment', () => {
    it('continues, if the request was first', async () => {
      const order = await orders.leave();
      const runner = orders.service.app.get(DataSource).createQueryRunner();
      try {
        // The statement of the claim has run, and its transaction is not over.
        await runner.startTransaction();
        await runner.query(
          `UPDATE orders SET attempt = attempt + 1, leased_until = clock_timestamp() + interval '15 s'
           WHERE id = $1`,
          [order.id],
        );
        expect(await sweep()).toBe(0);
        await runner.commitTransaction();
      } finally {
        await runner.release();
      }
      expect(await sweep()).toBe(0);
      expect(await orders.stored(order)).toEqual({ state: 'pending', code: null });
      await endLease(order);
      // Inventory is down, but the request got as far as to ask it.
      expect(await repeat(order)).toMatchObject({ status: 503 });
      expect(reservations).toBeGreaterThan(0);
    });

    it('is told of the refusal, if the sweep was first', async () => {
      const order = await orders.leave();
      const runner = orders.service.app.get(DataSource).createQueryRunner();
      let repeated: ReturnType<typeof repeat>;
      try {
        await runner.startTransaction();
        await runner.query(FAIL_ABANDONED, [IDLE_SECONDS, ORDER_ABANDONED]);
        repeated = repeat(order);
        const waits = `SELECT count(*)::int AS count FROM pg_locks
                       WHERE NOT granted AND locktype = 'transactionid'`;
        await waitFor(async () => (await orders.query<[{ count: number }]>(waits))[0].count > 0, {
          what: 'the request to wait for the row',
        });
        await runner.commitTransaction();
      } finally {
        await runner.release();
      }
      expect(await repeated).toEqual({ status: 409, code: 'order_abandoned' });
      expect(await orders.stored(order)).toEqual({ state: 'failed', code: 'order_abandoned' });
      expect(reservations).toBe(0);
    });

    it('ends in one of these ways, whatever the order of events', async () => {
      const left = await Promise.all(Array.from({ length: 40 }, () => orders.leave()));
      const store = orders.service.app.get(OrderStore);
      const claims = left.map(({ id }) => store.claim(id));
      const [failed, ...claimed] = await Promise.all([sweep(), ...claims]);
      const leased = claimed.filter((order) => order !== undefined);
      expect(failed + leased.length).toBe(left.length);
      for (const order of leased) expect((await orders.stored(order)).state).toBe('pending');
    });
  });

  it('can no longer be changed by a request that was slow', async () => {
    const order = await orders.leave();
    const store = orders.service.app.get(OrderStore);
    const slow = await store.claim(order.id);
    await endLease(order);
    expect(await sweep()).toBe(1);
    const total = { minorUnits: 990, currency: 'EUR' };
    const reservation = { lines: [], total } as unknown as Parameters<
      OrderStore['expectPayment']
    >[1];
    await expect(store.expectPayment(slow!, reservation)).rejects.toMatchObject({
      code: 'order_in_progress',
    });
    expect(await orders.stored(order)).toEqual({ state: 'failed', code: 'order_abandoned' });
  });

  it('is found by its index, however many orders there are', async () => {
    await orders.query(
      `INSERT INTO orders (user_id, idempotency_key, request_hash, payment_method, state, lines,
                           leased_until)
       SELECT 'ada', n, '', 'card', 'paid', '[]', now() FROM generate_series(1, 20000) AS n`,
    );
    await orders.query('ANALYZE orders');
    const query = (sql: string, parameters?: unknown[]) => orders.query(sql, parameters);
    const { indexes } = await planOf(query, FAIL_ABANDONED, [IDLE_SECONDS, ORDER_ABANDONED]);
    expect(indexes).toContain('orders_unfinished');
  });
});
