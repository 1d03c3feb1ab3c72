import { waitFor, type Answer, type CallTokens } from '@latchkey/local-stack';
import { Reservation } from '@latchkey/shop-contracts';
import { randomUUID } from 'node:crypto';
import { refusedEverywhere } from '../../src/everywhere.js';
import type { Held, Side } from './gate.js';
import { GatedShop, type Outcome } from './gated-shop.js';
import { Shop } from './shop-fixture.js';

const SKU = 'MOR-72';
/** The sweep of expired reservations may come before the reconciliation. Both return the stock. */
const RETURNED = expect.stringMatching(/^(released|expired)$/) as string;

/** A log-out in every place of the chain, with either kind of tokens for calls. */
describe.each<CallTokens>(['exchange', 'transaction'])('with CALL_TOKENS=%s', (callTokens) => {
  let shop: Shop;
  let gated: GatedShop;

  beforeAll(async () => {
    shop = await Shop.open();
    gated = await GatedShop.start(shop.stack, callTokens);
  });
  afterAll(() => gated?.close());

  const lock = () => shop.product(SKU);
  const place = (token: string, key = randomUUID(), quantity = 1) =>
    shop.placeOrder(token, shop.basket(lock(), quantity), key, gated.orders);
  /** Waits until the reservation of an order was compared with it. */
  const reconciled = async (orderId: string): Promise<Outcome> => {
    await waitFor(() => gated.age(orderId), { timeoutMs: 30_000, what: 'reconciliation' });
    return gated.outcome(orderId);
  };

  /** A place in the chain, what the caller gets if the session ends there, and what is left then and at the end. */
  const PLACES: readonly (readonly [
    string,
    keyof GatedShop['gates'],
    RegExp,
    Side,
    readonly [number, Outcome],
    Outcome,
  ])[] = [
    [
      'before the first token',
      ...(['auth', /token/, 'request'] as const),
      [401, { order: 'pending', reservation: undefined, payment: undefined }],
      { order: 'pending', reservation: undefined, payment: undefined },
    ],
    [
      'before the reservation',
      ...(['inventory', /^\/reservations$/, 'request'] as const),
      [401, { order: 'pending', reservation: undefined, payment: undefined }],
      { order: 'pending', reservation: undefined, payment: undefined },
    ],
    [
      'between the reservation and the next token',
      ...(['inventory', /^\/reservations$/, 'answer'] as const),
      [401, { order: 'pending', reservation: 'held', payment: undefined }],
      { order: 'failed', reservation: RETURNED, payment: 'cancelled' },
    ],
    [
      'between reservation and charge',
      ...(['payments', /^\/payments$/, 'request'] as const),
      [401, { order: 'pending', reservation: 'held', payment: undefined }],
      { order: 'failed', reservation: RETURNED, payment: 'cancelled' },
    ],
    [
      'between charge and sale',
      ...(['payments', /^\/payments$/, 'answer'] as const),
      [401, { order: 'pending', reservation: 'held', payment: 'captured' }],
      { order: 'failed', reservation: RETURNED, payment: 'refunded' },
    ],
    [
      'on the way to the sale',
      ...(['inventory', /sell$/, 'request'] as const),
      [401, { order: 'pending', reservation: 'held', payment: 'captured' }],
      { order: 'failed', reservation: RETURNED, payment: 'refunded' },
    ],
    [
      'after the sale',
      ...(['inventory', /sell$/, 'answer'] as const),
      [201, { order: 'paid', reservation: 'sold', payment: 'captured' }],
      { order: 'paid', reservation: 'sold', payment: 'captured' },
    ],
  ];

  /** Logs out while a call is held, and lets it go on when every service knows. */
  const logOutAt = async (held: Promise<Held>, token: string): Promise<void> => {
    const { release } = await held;
    await shop.logOut(token);
    await refusedEverywhere(shop.stack, token);
    for (const [service, path] of [
      [gated.orders, '/orders'],
      [gated.inventory, '/products'],
      [gated.payments, '/payments'],
    ] as const)
      await waitFor(async () => (await shop.send(service, path, token)).status === 401, {
        what: `refusal by ${service.name}`,
      });
    release();
  };

  describe.each(PLACES)('a log-out %s', (_, service, path, side, [status, left], end) => {
    it('stops the chain, and ends in a state that is right', async () => {
      const before = await shop.available(lock().id);
      const token = await shop.token();
      const held = gated.gates[service].hold(path, side);
      const [answer] = await Promise.all([place(token), logOutAt(held, token)]);
      expect(answer.status).toBe(status);
      const orderId = await gated.newestOrder();
      expect(await gated.outcome(orderId)).toEqual(left);
      expect(await reconciled(orderId)).toEqual(end);
      const sold = end.reservation === 'sold' ? 1 : 0;
      expect(await shop.available(lock().id)).toBe(before - sold);
    });
  });

  describe.each([
    ['on the way to the cancellation', 'request', 401, 'pending', 'captured'],
    ['after the cancellation', 'answer', 409, 'out_of_stock', 'refunded'],
  ] as const)('a log-out %s', (_, side, status, order, payment) => {
    it('does not keep the money', async () => {
      const token = await shop.token();
      const bob = await shop.token();
      const charged = gated.gates.payments.hold(/^\/payments$/, 'answer');
      const placing = place(token, randomUUID(), 2);
      const { release } = await charged;
      const orderId = await gated.newestOrder();
      const all = await takeTheStock(token, bob, orderId);
      const cancelling = gated.gates.payments.hold(/cancel$/, side);
      release();
      const [answer] = await Promise.all([placing, logOutAt(cancelling, token)]);
      await giveBack(bob, all);
      expect(answer.status).toBe(status);
      const reservation = 'released';
      expect(await gated.outcome(orderId)).toEqual({ order, reservation, payment });
      const end = { order: 'out_of_stock', reservation, payment: 'refunded' };
      expect(await reconciled(orderId)).toEqual(end);
    });
  });

  /** The stock of an order goes to somebody else, who holds all of it, in as many reservations as that takes. */
  const takeTheStock = async (owner: string, other: string, orderId: string): Promise<string[]> => {
    const { body } = await shop.send('inventory', '/reservations?limit=1', owner);
    const [mine] = (body as { reservations: Reservation[] }).reservations;
    expect(mine!.orderId).toBe(orderId);
    const released = await shop.send(
      'inventory',
      `/reservations/${mine!.id}/release`,
      await shop.byOrders(owner),
      { body: {} },
    );
    expect(released.status).toBe(200);
    const ids: string[] = [];
    for (let left = await shop.available(lock().id); left > 0;) {
      const quantity = Math.min(left, 1_000);
      const held = await shop.send('inventory', '/reservations', other, {
        body: { orderId: randomUUID(), lines: shop.basket(lock(), quantity).lines },
      });
      ids.push(Reservation.parse(held.body).id);
      left -= quantity;
    }
    return ids;
  };
  const giveBack = async (other: string, ids: readonly string[]): Promise<void> => {
    const token = await shop.byOrders(other);
    for (const id of ids)
      await shop.send('inventory', `/reservations/${id}/release`, token, { body: {} });
  };

  // It works without a user, with the same tokens in either way.
  if (callTokens === 'exchange')
    describe('a crash in the middle of the reconciliation', () => {
      /** An order whose user logged out after the charge. @returns the held call that cancels the charge */
      const abandoned = async (side: Side) => {
        const token = await shop.token();
        const sale = gated.gates.inventory.hold(/sell$/, 'request');
        const [answer]: [Answer, void] = await Promise.all([place(token), logOutAt(sale, token)]);
        expect(answer.status).toBe(401);
        const orderId = await gated.newestOrder();
        const settling = gated.gates.payments.hold(/settle$/, side);
        await gated.age(orderId);
        return { orderId, ...(await settling) };
      };
      const END = { order: 'failed', reservation: RETURNED, payment: 'refunded' };

      it.each([
        ['orders', 'answer', () => gated.orders],
        ['inventory', 'answer', () => gated.inventory],
        ['payments', 'request', () => gated.payments],
      ] as const)('of %s ends right, after a restart', async (_, side, replica) => {
        const before = await shop.available(lock().id);
        const { orderId, release } = await abandoned(side);
        await replica().kill();
        release();
        await replica().start();
        expect(await reconciled(orderId)).toEqual(END);
        expect(await shop.available(lock().id)).toBe(before);
      });
    });
});
