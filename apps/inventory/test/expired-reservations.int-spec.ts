import type { Reservation } from '@latchkey/shop-contracts';
import { planOf, waitFor } from '@latchkey/testing';
import {
  ExpiredReservations,
  OLDEST_EXPIRED,
} from '../src/expire-reservations/expired-reservations.js';
import { useInventory } from './inventory-fixture.js';

const shop = useInventory();
const { available, call, ready, reserved, setStock, startReplica } = shop;

const makeLate = (reservation: Reservation) =>
  shop.dataSource.query(
    "UPDATE reservations SET expires_at = now() - interval '1 second' WHERE id = $1",
    [reservation.id],
  );

describe('a reservation that is not finished', () => {
  it('expires on one of the replicas, once', async () => {
    const other = await startReplica();
    await ready(other);
    const reservations = await Promise.all(Array.from({ length: 10 }, () => reserved(shop.ada, 1)));
    await Promise.all(reservations.map(makeLate));
    const counts = await Promise.all(
      [shop.service, other].map(({ app }) => app.get(ExpiredReservations).sweep()),
    );
    expect(counts[0]! + counts[1]!).toBe(10);
    expect(await available()).toBe(1_000);
    await other.close();
  });

  it('stays if it is sold or not yet overdue', async () => {
    const sold = await reserved(shop.ada, 1);
    await call('POST', `/reservations/${sold.id}/sell`, shop.adaByOrders);
    await makeLate(sold);
    await reserved(shop.ada, 1);
    await shop.service.app.get(ExpiredReservations).sweep();
    expect(await available()).toBe(998);
  });

  it('can be sold until it was swept, and not after', async () => {
    const [first, second] = [await reserved(shop.ada, 1), await reserved(shop.ada, 1)];
    await makeLate(first);
    expect((await call('POST', `/reservations/${first.id}/sell`, shop.adaByOrders)).status).toBe(
      200,
    );
    await makeLate(second);
    await shop.service.app.get(ExpiredReservations).sweep();
    const late = await call('POST', `/reservations/${second.id}/sell`, shop.adaByOrders);
    expect(late).toMatchObject({ status: 409, body: { code: 'reservation_expired' } });
  });

  it('does not block others if its stock cannot be returned', async () => {
    const [first, second] = [
      await reserved(shop.ada, 1),
      await reserved(shop.ada, 1, { product: shop.products[1]! }),
    ];
    await makeLate(first);
    await makeLate(second);
    await setStock(2_147_483_647); // One more would overflow the column.
    expect(await shop.service.app.get(ExpiredReservations).sweep()).toBe(1);
    await setStock(1_000);
    expect(await shop.service.app.get(ExpiredReservations).sweep()).toBe(1);
    expect(await available()).toBe(1_001);
  });

  it('is found by an index among many that are not overdue', async () => {
    await shop.dataSource.query(
      `INSERT INTO reservations (user_id, order_id, state, total_minor_units, currency, expires_at)
       SELECT 'eve', gen_random_uuid(), CASE WHEN n % 2 = 0 THEN 'held' ELSE 'sold' END, 0, 'EUR',
              now() + interval '1 hour' FROM generate_series(1, 20000) AS n`,
    );
    await shop.dataSource.query('ANALYZE reservations');
    const query = (sql: string, parameters?: unknown[]) => shop.dataSource.query(sql, parameters);
    const plan = await planOf(query, OLDEST_EXPIRED, [[]]);
    expect(plan.indexes).toEqual(['reservations_to_expire']);
    // The condition is part of the index scan, so reservations that are not overdue are not read.
    expect(plan.conditions.join()).toContain('expires_at < statement_timestamp()');
    await shop.dataSource.query(`DELETE FROM reservations WHERE user_id = 'eve'`);
  });

  it('is swept in the background', async () => {
    const sweeper = await startReplica({ EXPIRY_SWEEP_SECONDS: '0.05' });
    await makeLate(await reserved(shop.ada, 7));
    await waitFor(async () => (await available()) === 1_000);
    await sweeper.close();
  });
});
