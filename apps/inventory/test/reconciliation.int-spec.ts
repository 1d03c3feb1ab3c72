import {
  Reservation,
  SettlementRequest,
  SettledState,
  type OpenReservation,
} from '@latchkey/shop-contracts';
import { startTestTokenEndpoint, planOf, waitFor, type TestTokenEndpoint } from '@latchkey/testing';
import type { RunningService } from '@latchkey/service-kit';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { TAKE_PAGE } from '../src/reconcile/open-reservations.js';
import { Reconciliation } from '../src/reconcile/reconciliation.js';
import { repairOf } from '../src/reconcile/repairs.js';
import { useInventory } from './inventory-fixture.js';

const shop = useInventory();
const { available, call, ready, reserve, reserved, setStock, startReplica } = shop;
const RESERVATIONS = Reservation.shape.state.options;

/** The test answers in place of orders. `dev/e2e` tests both services together. */
describe('the reconciliation', () => {
  let tokens: TestTokenEndpoint;
  let orders: Server;
  let service: RunningService;
  let environment: Record<string, string>;
  /** The answers of orders, by order. */
  let known: Map<string, SettledState>;
  let asked: OpenReservation[][];
  let beforeReply: () => Promise<unknown>;
  let ordersStatus: number;

  beforeAll(async () => {
    tokens = await startTestTokenEndpoint(shop.authority.issuer);
    orders = createServer((request, response) => {
      void text(request).then(async (body) => {
        const { reservations } = SettlementRequest.parse(JSON.parse(body));
        asked.push(reservations);
        await beforeReply();
        const states = reservations.map(({ orderId }) => known.get(orderId) ?? 'unknown');
        response
          .writeHead(ordersStatus, { 'content-type': 'application/json' })
          .end(JSON.stringify({ states }));
      });
    });
    orders.listen(0, '127.0.0.1');
    await once(orders, 'listening');
    environment = {
      ...{ TOKEN_URL: tokens.url, CLIENT_ID: 'inventory', CLIENT_SECRET: 'a secret' },
      ORDERS_URL: `http://127.0.0.1:${(orders.address() as AddressInfo).port}`,
      RECONCILE_AFTER_SECONDS: '3600',
    };
    service = await startReplica(environment);
    await ready(service);
  });
  afterAll(async () => {
    await service?.close();
    orders?.close();
    orders?.closeAllConnections();
    await tokens?.close();
  });
  beforeEach(async () => {
    known = new Map();
    asked = [];
    beforeReply = () => Promise.resolve();
    ordersStatus = 200;
    // Reservations of other tests are done.
    await shop.dataSource.query('UPDATE reservations SET reconciled_at = now()');
  });

  const run = (replica = service) => replica.app.get(Reconciliation).run();
  /** Moves the end of its hold far into the past. */
  const age = (id: string, seconds = 3_601) =>
    shop.dataSource.query(
      `UPDATE reservations SET expires_at = now() - make_interval(secs => $2),
                               reconcile_tried_at = NULL WHERE id = $1`,
      [id, seconds],
    );
  const finish = (id: string, how: 'sell' | 'release') =>
    call('POST', `/reservations/${id}/${how}`, shop.adaByOrders);
  /** Makes a reservation of two units, and brings it into a state through the API. */
  const inState = async (state: Reservation['state']): Promise<Reservation> => {
    const reservation = await reserved(shop.ada, 2);
    if (state === 'sold') await finish(reservation.id, 'sell');
    if (state === 'released') await finish(reservation.id, 'release');
    if (state === 'expired') {
      await finish(reservation.id, 'release');
      await shop.dataSource.query(`UPDATE reservations SET state = 'expired' WHERE id = $1`, [
        reservation.id,
      ]);
    }
    await age(reservation.id);
    return reservation;
  };
  const stored = async (id: string) => {
    const [row] = await shop.dataSource.query<[{ state: string; done: boolean }]>(
      'SELECT state, reconciled_at IS NOT NULL AS done FROM reservations WHERE id = $1',
      [id],
    );
    return row;
  };

  const PAIRS = RESERVATIONS.flatMap((reservation) =>
    SettledState.options.map((order) => [reservation, order] as const),
  );
  it.each(PAIRS)('repairs stock that is %s for an order that is %s', async (state, order) => {
    const { id, orderId } = await inState(state);
    known.set(orderId, order);
    const repair = repairOf(state, order);
    // The second round finds either nothing to do, or the same again.
    for (let round = 0; round < 2; round++) {
      await age(id);
      await run();
      const taken = { return_stock: 'released', sell: 'sold' } as Readonly<Record<string, string>>;
      const after = taken[repair] ?? state;
      expect(await stored(id)).toEqual({
        state: after,
        done: !['wait', 'report'].includes(repair),
      });
      expect(await available()).toBe(['held', 'sold'].includes(after) ? 998 : 1_000);
    }
    expect(asked).toHaveLength(['wait', 'report'].includes(repair) ? 2 : 1);
  });

  it('asks only about reservations whose hold ended long ago, as inventory itself', async () => {
    const [old, young] = [await reserved(shop.ada, 1), await reserved(shop.ada, 1)];
    await age(old.id);
    await age(young.id, 3_000);
    await run();
    const { orderId, userId } = old;
    expect(asked).toEqual([[{ orderId, userId, state: 'held' }]]);
    expect(tokens.requests.at(-1)).toEqual({
      ...{ grant: 'client_credentials', clientId: 'inventory' },
      ...{ audience: 'orders', scope: 'orders:reconcile' },
    });
  });

  it('asks in pages, each reservation once, although replicas share the work', async () => {
    const other = await startReplica(environment);
    await ready(other);
    await shop.dataSource.query(
      `WITH made AS (
         INSERT INTO reservations (user_id, order_id, state, total_minor_units, currency, expires_at)
         SELECT 'eve', gen_random_uuid(), 'released', 0, 'EUR', now() - interval '2 hours'
         FROM generate_series(1, 250) RETURNING id)
       INSERT INTO reservation_lines SELECT made.id, 1, $1, 1, 1 FROM made`,
      [shop.products[0]!.id],
    );
    const counts = await Promise.all([run(), run(other)]);
    expect((counts[0].keep ?? 0) + (counts[1].keep ?? 0)).toBe(250);
    expect(Math.max(...asked.map((page) => page.length))).toBe(100);
    const ids = asked.flat().map(({ orderId }) => orderId);
    expect([ids.length, new Set(ids).size]).toEqual([250, 250]);
    await other.close();
  });

  it('asks again in the next round if orders does not answer', async () => {
    const { id, orderId } = await inState('held');
    known.set(orderId, 'failed');
    ordersStatus = 500;
    await expect(run()).rejects.toThrow();
    expect(await stored(id)).toEqual({ state: 'held', done: false });
    ordersStatus = 200;
    expect(await run()).toEqual({ return_stock: 1 });
    expect(await available()).toBe(1_000);
  });

  it('decides by the state at that moment, not by the one it asked with', async () => {
    const { id, orderId } = await inState('held');
    known.set(orderId, 'failed');
    beforeReply = () => finish(id, 'sell');
    expect(await run()).toEqual({ return_stock: 1 });
    expect(await stored(id)).toEqual({ state: 'released', done: true });
    expect((await finish(id, 'sell')).status).toBe(409);
    expect(await available()).toBe(1_000);
  });

  it('does not stop at a reservation that cannot be repaired, and repairs it later', async () => {
    const first = await inState('held');
    const second = await reserved(shop.ada, 1, { product: shop.products[1]! });
    await age(second.id, 3_700);
    for (const { orderId } of [first, second]) known.set(orderId, 'failed');
    await setStock(2_147_483_647); // More would overflow the column.
    expect(await run()).toEqual({ failed: 1, return_stock: 1 });
    await setStock(998);
    await age(first.id);
    expect(await run()).toEqual({ return_stock: 1 });
    expect(await available()).toBe(1_000);
  });

  it('looks at a reservation again if it was held again since', async () => {
    const { id, orderId } = await inState('released');
    await run();
    expect((await stored(id)).done).toBe(true);
    expect((await reserve(shop.ada, 2, { orderId })).status).toBe(201);
    expect(await stored(id)).toEqual({ state: 'held', done: false });
  });

  it('finds what is due by an index among many that are done', async () => {
    await shop.dataSource.query(
      `INSERT INTO reservations (user_id, order_id, state, total_minor_units, currency, expires_at,
                                 reconciled_at)
       SELECT 'frank', gen_random_uuid(), 'sold', 0, 'EUR', now() - interval '2 hours', now()
       FROM generate_series(1, 20000)`,
    );
    await shop.dataSource.query('ANALYZE reservations');
    const query = (sql: string, parameters?: unknown[]) => shop.dataSource.query(sql, parameters);
    const { indexes } = await planOf(query, TAKE_PAGE, [3_600]);
    expect(indexes).toContain('reservations_to_reconcile');
    await shop.dataSource.query(`DELETE FROM reservations WHERE user_id = 'frank'`);
  });

  it('runs in the background', async () => {
    const { id, orderId } = await inState('held');
    known.set(orderId, 'failed');
    const replica = await startReplica({ ...environment, RECONCILE_EVERY_SECONDS: '0.05' });
    await waitFor(async () => (await stored(id)).done, { timeoutMs: 10_000 });
    await replica.close();
  });

  it('does not run without the address of orders', () => {
    expect(() => shop.service.app.get(Reconciliation)).toThrow();
  });

  it('ignores an order id that is not one of orders', async () => {
    const { id } = await reserved(shop.ada, 1, { orderId: randomUUID() });
    await age(id);
    expect(await run()).toEqual({ return_stock: 1 });
  });
});
