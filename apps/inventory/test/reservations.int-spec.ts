import type { Problem } from '@latchkey/contracts';
import { Reservation, ReservationListReply, type Product } from '@latchkey/shop-contracts';
import { waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { SCOPES, useInventory } from './inventory-fixture.js';

const shop = useInventory();
const { available, call, ready, reserve, reserved, setStock, startReplica } = shop;

describe('a reservation', () => {
  it('takes the stock and fixes the price', async () => {
    const reservation = await reserved(shop.ada, 3);
    expect(reservation).toMatchObject({ state: 'held', userId: 'ada' });
    expect(reservation.total.minorUnits).toBe(3 * shop.products[0]!.price.minorUnits);
    expect(await available()).toBe(997);
  });

  it('is the same when it is requested again, on any replica and concurrently', async () => {
    const other = await startReplica();
    await ready(other);
    const orderId = randomUUID();
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        reserve(shop.ada, 2, { orderId, replica: index % 2 ? shop.service : other }),
      ),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(replies.map(({ body }) => Reservation.parse(body).id)).size).toBe(1);
    expect(await available()).toBe(998);
    await other.close();
  });

  it('is refused if the same order requests other products', async () => {
    const { orderId } = await reserved(shop.ada, 1);
    const { status, body } = await reserve(shop.ada, 2, { orderId });
    expect({ status, body }).toMatchObject({ status: 409, body: { code: 'order_id_reused' } });
    expect(await available()).toBe(999);
  });

  it('is separate from one with the same order id of another user', async () => {
    const { orderId, id } = await reserved(shop.ada, 1);
    expect((await reserved(shop.bob, 1, { orderId })).id).not.toBe(id);
  });

  it('takes all lines or none', async () => {
    await setStock(0, shop.products[1]);
    const lines = [
      { productId: shop.products[0]!.id, quantity: 1 },
      { productId: shop.products[1]!.id, quantity: 1 },
    ];
    const body = { orderId: randomUUID(), lines };
    const refused = await call('POST', '/reservations', shop.ada, body);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'out_of_stock', errors: [{ field: '/lines/1/quantity' }] },
    });
    expect((refused.body as Problem).detail).toContain(shop.products[1]!.name);
    expect(await available()).toBe(1_000);
    await setStock(5_000, shop.products[1]);
    expect((await call('POST', '/reservations', shop.ada, body)).status).toBe(201);
  });

  it('names a product that does not exist', async () => {
    const product = { ...shop.products[0]!, id: randomUUID() };
    const { status, body } = await reserve(shop.ada, 1, { product });
    expect({ status, body }).toMatchObject({
      status: 422,
      body: { code: 'unknown_product', errors: [{ field: '/lines/0/productId' }] },
    });
  });

  it('is refused and takes no stock if its total is too large for an exact number', async () => {
    const { id } = shop.products[0]!;
    const priced = (minorUnits: number | bigint) =>
      shop.dataSource.query('UPDATE products SET price_minor_units = $2 WHERE id = $1', [
        id,
        minorUnits,
      ]);
    await priced(Number.MAX_SAFE_INTEGER);
    try {
      expect((await reserved(shop.ada, 1)).total.minorUnits).toBe(Number.MAX_SAFE_INTEGER);
      expect(await reserve(shop.ada, 2)).toMatchObject({
        status: 422,
        body: { code: 'total_too_large' },
      });
      expect(await available()).toBe(999);
    } finally {
      await priced(shop.products[0]!.price.minorUnits);
    }
  });
});

/** Tries again while every connection to the database is in use, as on a busy machine. */
const untilAnswered = (ask: () => ReturnType<typeof reserve>) =>
  waitFor(async () => {
    const answer = await ask();
    return answer.status !== 503 && answer;
  });

describe('when many want the last units', () => {
  it('sells each unit once', async () => {
    await setStock(5);
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => {
        const orderId = String(randomUUID());
        return untilAnswered(() => reserve(shop.ada, 1, { orderId }));
      }),
    );
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(5);
    expect(statuses.filter((status) => status === 409)).toHaveLength(45);
    expect(await available()).toBe(0);
  });

  it('never deadlocks two baskets with the same products in a different order', async () => {
    const [first, second] = shop.products.slice(2, 4);
    const basket = (...items: Product[]) => {
      const lines = items.map(({ id }) => ({ productId: id, quantity: 1 }));
      const body = { orderId: randomUUID(), lines };
      return untilAnswered(() => call('POST', '/reservations', shop.ada, body));
    };
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        index % 2 ? basket(first!, second!) : basket(second!, first!),
      ),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
  });
});

describe('finishing a reservation', () => {
  const finish = (how: 'sell' | 'release', { id }: Reservation, token = shop.adaByOrders) =>
    call('POST', `/reservations/${id}/${how}`, token);

  it('returns released stock once, however often the release is repeated', async () => {
    const reservation = await reserved(shop.ada, 4);
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => finish('release', reservation)),
    );
    for (const reply of replies)
      expect(reply).toMatchObject({ status: 200, body: { state: 'released' } });
    expect(await available()).toBe(1_000);
  });

  it('keeps sold stock sold', async () => {
    const reservation = await reserved(shop.ada, 4);
    expect((await finish('sell', reservation)).status).toBe(200);
    expect(await finish('sell', reservation)).toMatchObject({ body: { state: 'sold' } });
    expect(await finish('release', reservation)).toMatchObject({
      status: 409,
      body: { code: 'reservation_sold' },
    });
    expect(await available()).toBe(996);
  });

  it('lets either the sale or the release win, never both', async () => {
    const reservations = await Promise.all(Array.from({ length: 10 }, () => reserved(shop.ada, 1)));
    const outcomes = await Promise.all(
      reservations.map(async (reservation) => {
        const both = [finish('sell', reservation), finish('release', reservation)];
        return (await Promise.all(both)).map(({ status }) => status).sort();
      }),
    );
    for (const statuses of outcomes) expect(statuses).toEqual([200, 409]);
    const { body } = await call('GET', '/reservations?limit=10', shop.ada);
    const states = ReservationListReply.parse(body).reservations.map(({ state }) => state);
    const sold = states.filter((state) => state === 'sold').length;
    expect(await available()).toBe(1_000 - sold);
  });

  it('reserves the stock again at the old price when the order requests it again', async () => {
    const reservation = await reserved(shop.ada, 2);
    await finish('release', reservation);
    await shop.dataSource.query('UPDATE products SET price_minor_units = 1 WHERE id = $1', [
      shop.products[0]!.id,
    ]);
    const again = await reserved(shop.ada, 2, { orderId: reservation.orderId });
    await shop.dataSource.query('UPDATE products SET price_minor_units = $2 WHERE id = $1', [
      shop.products[0]!.id,
      shop.products[0]!.price.minorUnits,
    ]);
    expect(again).toMatchObject({ id: reservation.id, state: 'held', total: reservation.total });
    expect(await available()).toBe(998);
  });

  it('names the line of the request whose stock is gone when the order requests it again', async () => {
    const [first, second] = shop.products;
    const orderId = randomUUID();
    const basket = (...items: Product[]) =>
      call('POST', '/reservations', shop.ada, {
        orderId,
        lines: items.map(({ id }) => ({ productId: id, quantity: 1 })),
      });
    await finish('release', Reservation.parse((await basket(first!, second!)).body));
    await setStock(0, second);
    const refused = await basket(second!, first!);
    await setStock(5_000, second);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'out_of_stock', errors: [{ field: '/lines/0/quantity' }] },
    });
  });

  it('is refused to all callers but orders, and to orders for another user', async () => {
    const reservation = await reserved(shop.ada, 1);
    const byPayments = await shop.authority.issuer.makeToken({
      ...{ subject: 'ada', scope: SCOPES },
      claims: { act: { sub: 'payments', act: { sub: 'orders' } } },
    });
    for (const how of ['sell', 'release'] as const) {
      for (const token of [shop.ada, shop.admin, byPayments])
        expect(await finish(how, reservation, token)).toMatchObject({
          status: 403,
          body: { code: 'caller_not_allowed' },
        });
      expect((await finish(how, reservation, shop.bobByOrders)).status).toBe(404);
    }
    expect((await finish('release', reservation)).status).toBe(200);
  });
});
