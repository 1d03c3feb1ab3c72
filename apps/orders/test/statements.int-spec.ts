import { Order, type Payment, type Reservation } from '@latchkey/shop-contracts';
import { recordStatements } from '@latchkey/service-kit/suite';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { useOrders } from './orders-fixture.js';

const PRICE = { minorUnits: 990, currency: 'EUR' };
const LINE = { productId: '01900000-0000-7000-8000-000000000001', quantity: 1 };

/** Each statement is a round trip while the caller waits. Raise a number only with a reason. */
describe('the number of SQL statements', () => {
  const orders = useOrders((request, response) => {
    const reply = request.url?.startsWith('/payments') ? payment() : reservation();
    response.setHeader('content-type', 'application/json').end(JSON.stringify(reply));
  });
  let token: string;
  beforeAll(async () => {
    token = await orders.authority.issuer.makeToken({ scope: 'orders:read orders:write' });
  });

  const reservation = (): Reservation => ({
    ...{ id: randomUUID(), orderId: randomUUID(), userId: 'ada', state: 'sold' },
    lines: [{ ...LINE, unitPrice: PRICE }],
    total: PRICE,
    expiresAt: new Date().toISOString(),
  });
  const payment = (): Payment => ({
    ...{ id: randomUUID(), orderId: randomUUID(), userId: 'ada', state: 'captured' },
    amount: PRICE,
    createdAt: new Date().toISOString(),
  });
  const send = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as object) };
    const response = await fetch(orders.url + path, { ...init, headers });
    expect(response.ok).toBe(true);
    return response.json();
  };
  const place = (key: string) =>
    send('/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ lines: [LINE], paymentMethod: 'test-card' }),
    });

  it('is three to place an order, and two to repeat it', async () => {
    const key = randomUUID();
    expect(await recordStatements(() => place(key))).toHaveLength(3);
    expect(await recordStatements(() => place(key))).toHaveLength(2);
  });

  it('is one to settle finished orders, and three more for one that nobody finished', async () => {
    const inventory = await orders.authority.issuer.makeToken({
      ...{ subject: 'inventory', scope: 'orders:reconcile' },
      claims: { client_id: 'inventory', sid: undefined, auth_time: undefined },
    });
    const settle = (...placed: readonly Order[]) =>
      send('/orders/settlements', {
        method: 'POST',
        headers: { authorization: `Bearer ${inventory}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          reservations: placed.map(({ id: orderId, userId }) => ({
            ...{ orderId, userId, state: 'expired' },
          })),
        }),
      });
    const placed = [Order.parse(await place(randomUUID())), Order.parse(await place(randomUUID()))];
    expect(await recordStatements(() => settle(...placed))).toHaveLength(1);
    await orders.service.app
      .get(DataSource)
      .query(`UPDATE orders SET state = 'pending', leased_until = '-infinity' WHERE id = $1`, [
        placed[0]!.id,
      ]);
    expect(await recordStatements(() => settle(...placed))).toHaveLength(4);
  });

  it('is one to list orders, and one to read an order', async () => {
    const order = Order.parse(await place(randomUUID()));
    expect(order).toMatchObject({ state: 'paid', total: PRICE });
    expect(await recordStatements(() => send('/orders'))).toHaveLength(1);
    expect(await recordStatements(() => send(`/orders?after=${order.id}`))).toHaveLength(1);
    expect(await recordStatements(() => send(`/orders/${order.id}`))).toHaveLength(1);
  });
});
