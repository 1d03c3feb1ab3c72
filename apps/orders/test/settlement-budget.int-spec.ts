import { LONGEST_CALL_MILLISECONDS } from '../src/place-order/longest-call.js';
import { BUDGET_MILLISECONDS } from '../src/settle/settle.service.js';
import type { Payment } from '@latchkey/shop-contracts';
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { LeftOrdersFixture, type Row } from './left-orders-fixture.js';

/** Inventory waits for an answer for so long. */
const INVENTORY_MILLISECONDS = 10_000;

describe('settling a page of orders while payments does not answer', () => {
  let orders: LeftOrdersFixture;
  let inventory: string;
  /** The orders whose payments were to be cancelled. */
  let asked: string[];
  let answers: (response: ServerResponse, payment: Payment) => void;

  const hang = () => undefined;
  const refund = (response: ServerResponse, { orderId, amount }: Payment) => {
    const id = randomUUID();
    const createdAt = new Date().toISOString();
    const payment = { id, orderId, userId: 'ada', state: 'refunded', amount, createdAt };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(payment));
  };
  const settle = (rows: readonly Row[]) =>
    orders.post('/orders/settlements', inventory, {
      reservations: rows.map(({ id, userId }) => ({ orderId: id, userId, state: 'held' })),
    });
  const attempts = async (rows: readonly Row[]) => {
    const found = await orders.query<{ id: string; attempt: number }[]>(
      'SELECT id, attempt FROM orders',
    );
    return rows.map(({ id }) => found.find((order) => order.id === id)?.attempt);
  };

  beforeAll(async () => {
    orders = new LeftOrdersFixture((request, response) => {
      void text(request).then((body) => {
        const payment = JSON.parse(body) as Payment;
        asked.push(payment.orderId);
        answers(response, payment);
      });
    });
    await orders.start();
    inventory = await orders.ownToken('inventory', 'orders:reconcile');
  });
  afterAll(() => orders.close());
  beforeEach(() => (asked = []));

  it('answers in time, and leaves the orders that are left alone', async () => {
    answers = hang;
    const charged = { paymentAttempted: true };
    const [first, second, third, fourth] = [
      await orders.leave(charged),
      await orders.leave(charged),
      await orders.leave(charged),
      await orders.leave(charged),
    ];
    const done = await orders.leave({ state: 'paid' });
    const page = [first, second, third, fourth, done];
    const start = performance.now();
    const { status, body } = await settle(page);
    const milliseconds = performance.now() - start;
    expect(status).toBe(200);
    // The last one needs no call, so it is told in any case.
    expect(body).toEqual({ states: ['pending', 'pending', 'pending', 'pending', 'paid'] });
    expect(milliseconds).toBeGreaterThan(BUDGET_MILLISECONDS);
    expect(milliseconds).toBeLessThan(INVENTORY_MILLISECONDS);
    // Each call takes its longest time, so the second one ends after the budget.
    expect(2 * LONGEST_CALL_MILLISECONDS).toBeGreaterThan(BUDGET_MILLISECONDS);
    expect(new Set(asked)).toEqual(new Set([first.id, second.id]));
    expect(await attempts(page)).toEqual([2, 2, 1, 1, 1]);
    for (const order of [third, fourth])
      expect(await orders.stored(order)).toEqual({ state: 'pending', code: null });

    answers = refund;
    await orders.query("UPDATE orders SET leased_until = '-infinity' WHERE state = 'pending'");
    const again = await settle(page);
    expect(again.body).toEqual({ states: ['failed', 'failed', 'failed', 'failed', 'paid'] });
  });
});
