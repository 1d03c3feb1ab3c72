import {
  Order,
  Reservation,
  SettlementReply,
  type Payment,
  type SettledState,
} from '@latchkey/shop-contracts';
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { DataSource } from 'typeorm';
import { useOrders } from './orders-fixture.js';

type ReservationState = Reservation['state'];

interface Row {
  readonly id: string;
  readonly userId: string;
}

/** An order as an attempt could have left it. */
interface Left {
  readonly state?: Order['state'];
  readonly paymentAttempted?: boolean;
  readonly refusal?: object | null;
  /** How long ago the lease ended; negative while it is held. */
  readonly idleSeconds?: number;
}

const IDLE_SECONDS = 900;
const OUT_OF_STOCK = { status: 409, code: 'out_of_stock', title: 'There is not enough stock' };
const RESERVATIONS = Reservation.shape.state.options;

/** Inventory asks about its old reservations. `dev/e2e` tests it together with the services. */
describe('settling orders without a user', () => {
  let cancelled: { authorization: string; body: unknown }[];
  let paymentsStatus: number;
  let inventory: string;

  /** Answers in place of payments, and records what it was asked to cancel. */
  const answer: RequestListener = (request, response) => {
    void text(request).then((body) => {
      const { authorization = '' } = request.headers;
      const { orderId, userId, amount } = JSON.parse(body) as Payment;
      cancelled.push({ authorization, body: { path: request.url, orderId, userId, amount } });
      const createdAt = new Date().toISOString();
      const reply = { id: randomUUID(), orderId, userId, state: 'refunded', amount, createdAt };
      response
        .writeHead(paymentsStatus, { 'content-type': 'application/json' })
        .end(JSON.stringify(reply));
    });
  };
  const orders = useOrders(answer, { SETTLE_AFTER_SECONDS: String(IDLE_SECONDS) });
  beforeAll(async () => {
    inventory = await ownToken('inventory', 'orders:reconcile');
  });

  const ownToken = (client: string, scope: string) =>
    orders.authority.issuer.makeToken({
      ...{ subject: client, scope },
      claims: { client_id: client, sid: undefined, auth_time: undefined },
    });
  const ask = async (token: string, reservations: readonly object[]) => {
    const response = await fetch(`${orders.url}/orders/settlements`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reservations }),
    });
    return { status: response.status, body: await response.json() };
  };
  const settle = async (
    ...rows: readonly (Row & { readonly reservation: ReservationState })[]
  ): Promise<readonly SettledState[]> => {
    const { status, body } = await ask(
      inventory,
      rows.map(({ id, userId, reservation }) => ({ orderId: id, userId, state: reservation })),
    );
    expect(status).toBe(200);
    return SettlementReply.parse(body).states;
  };
  const query = <Result>(sql: string, parameters: unknown[]) =>
    orders.service.app.get(DataSource).query<Result>(sql, parameters);
  const leave = async (left: Left = {}): Promise<Row> => {
    const { state = 'pending', paymentAttempted = true, refusal = null, idleSeconds } = left;
    const [row] = await query<[Row]>(
      `INSERT INTO orders (user_id, idempotency_key, request_hash, payment_method, state, lines,
                           total_minor_units, currency, payment_attempted, refusal, leased_until)
       VALUES ($1, $2, '', 'test-card', $3, '[]', $4, $5, $6, $7,
               clock_timestamp() - make_interval(secs => $8))
       RETURNING id, user_id AS "userId"`,
      [
        ...[randomUUID(), randomUUID(), state],
        ...(paymentAttempted ? [990, 'EUR', true] : [null, null, false]),
        ...[refusal, idleSeconds ?? IDLE_SECONDS + 1],
      ],
    );
    return row;
  };
  const stored = async ({ id }: Row) => {
    const [row] = await query<[{ state: string; code: string | null }]>(
      "SELECT state, refusal ->> 'code' AS code FROM orders WHERE id = $1",
      [id],
    );
    return row;
  };

  beforeEach(() => {
    cancelled = [];
    paymentsStatus = 200;
  });

  const FINISHED = Order.shape.state.options.filter((state) => state !== 'pending');
  it.each(FINISHED)('only tells the state of an order that is %s', async (state) => {
    const order = await leave({ state });
    for (const reservation of RESERVATIONS)
      expect(await settle({ ...order, reservation })).toEqual([state]);
    expect(await stored(order)).toMatchObject({ state });
    expect(cancelled).toEqual([]);
  });

  /** The outcome of an unfinished order whose reservation is in this state, and whether its payment is cancelled. */
  const UNFINISHED: readonly (readonly [
    string,
    Left,
    Readonly<Record<ReservationState, readonly [SettledState, boolean]>>,
  ])[] = [
    [
      'that may have been charged',
      {},
      {
        held: ['failed', true],
        sold: ['paid', false],
        released: ['failed', true],
        expired: ['failed', true],
      },
    ],
    [
      'that was not charged',
      { paymentAttempted: false },
      {
        held: ['failed', false],
        sold: ['failed', false],
        released: ['failed', false],
        expired: ['failed', false],
      },
    ],
    [
      'that was refused after a charge',
      { refusal: OUT_OF_STOCK },
      {
        held: ['out_of_stock', true],
        sold: ['out_of_stock', true],
        released: ['out_of_stock', true],
        expired: ['out_of_stock', true],
      },
    ],
  ];
  describe.each(UNFINISHED)('an unfinished order %s', (_, left, outcomes) => {
    it.each(RESERVATIONS)('with stock that is %s', async (reservation) => {
      const [state, cancels] = outcomes[reservation];
      const order = await leave(left);
      // The second time finds the outcome of the first.
      for (let time = 0; time < 2; time++)
        expect(await settle({ ...order, reservation })).toEqual([state]);
      const code = state === 'failed' ? 'order_abandoned' : (left.refusal ?? { code: null });
      expect(await stored(order)).toEqual({
        state,
        code: typeof code === 'string' ? code : (code as { code: string | null }).code,
      });
      expect(cancelled).toHaveLength(cancels ? 1 : 0);
      for (const { body } of cancelled)
        expect(body).toEqual({
          ...{ path: '/payments/settle', orderId: order.id, userId: order.userId },
          amount: { minorUnits: 990, currency: 'EUR' },
        });
    });
  });

  it('leaves an order alone while somebody works on it, or did a moment ago', async () => {
    for (const idleSeconds of [-10, 1]) {
      const order = await leave({ idleSeconds });
      expect(await settle({ ...order, reservation: 'held' })).toEqual(['pending']);
      expect(await stored(order)).toEqual({ state: 'pending', code: null });
    }
    expect(cancelled).toEqual([]);
  });

  it('keeps the refusal while payments is down, and finishes the order later', async () => {
    const order = await leave();
    paymentsStatus = 500;
    expect(await settle({ ...order, reservation: 'held' })).toEqual(['pending']);
    // The refusal is written before the call, so that no later attempt sells.
    expect(await stored(order)).toEqual({ state: 'pending', code: 'order_abandoned' });
    paymentsStatus = 200;
    await query(`UPDATE orders SET leased_until = '-infinity' WHERE id = $1`, [order.id]);
    expect(await settle({ ...order, reservation: 'sold' })).toEqual(['failed']);
    expect(cancelled.length).toBeGreaterThan(1);
  });

  it('answers for each reservation in order, and knows no order of another user', async () => {
    const [first, second] = [await leave({ state: 'paid' }), await leave({ state: 'failed' })];
    const reservation = 'sold';
    const rows = [
      { ...second, reservation },
      { ...first, userId: 'mallory', reservation },
      { ...first, reservation },
      { id: randomUUID(), userId: first.userId, reservation },
    ] as const;
    expect(await settle(...rows)).toEqual(['failed', 'unknown', 'paid', 'unknown']);
  });

  it('is for inventory itself, with the scope', async () => {
    const order = await leave();
    const reservations = [{ orderId: order.id, userId: order.userId, state: 'held' }];
    const user = await orders.authority.issuer.makeToken({
      scope: 'orders:reconcile orders:admin',
    });
    const acting = await orders.authority.issuer.makeToken({
      ...{ scope: 'orders:reconcile', claims: { act: { sub: 'inventory' } } },
    });
    for (const token of [user, acting, await ownToken('payments', 'orders:reconcile')])
      expect(await ask(token, reservations)).toMatchObject({
        status: 403,
        body: { code: 'caller_not_allowed' },
      });
    expect(await ask(await ownToken('inventory', 'orders:read'), reservations)).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope' },
    });
    expect(await stored(order)).toEqual({ state: 'pending', code: null });
  });

  it.each([
    ['no reservations', [], '/reservations'],
    ['more than a page', Array.from({ length: 101 }, () => ({})), '/reservations'],
    ['an unknown state', [{ state: 'lost' }], '/reservations/0/state'],
    ['no user', [{ userId: '' }], '/reservations/0/userId'],
    ['an invalid order', [{ orderId: 'x' }], '/reservations/0/orderId'],
    ['an unknown field', [{ paid: true }], '/reservations/0/paid'],
  ])('refuses %s, and names the field', async (_, wrong: readonly object[], field) => {
    const good = { orderId: randomUUID(), userId: 'ada', state: 'held' };
    const answer = await ask(
      inventory,
      wrong.map((more) => ({ ...good, ...more })),
    );
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ in: 'body', field }] } });
  });

  it('asks for tokens of orders itself, for payments and nothing else', async () => {
    await settle({ ...(await leave()), reservation: 'held' });
    const own = orders.tokens.requests.filter(({ grant }) => grant === 'client_credentials');
    expect(own.length).toBeGreaterThan(0);
    for (const request of own)
      expect(request).toEqual({
        ...{ grant: 'client_credentials', clientId: 'orders' },
        ...{ audience: 'payments', scope: 'payments:settle' },
      });
  });
});
