import type { Problem } from '@latchkey/contracts';
import { call, waitFor, type CallTokens, type ServiceProcess } from '@latchkey/local-stack';
import { Order, Reservation } from '@latchkey/shop-contracts';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { GatedShop } from './gated-shop.js';
import { Shop } from './shop-fixture.js';

type Hop = 'inventory' | 'payments';
type Credentials = Readonly<Record<string, string>>;
/** The status, and the code of a problem. */
type Result = string;

/** What a thief of the tokens of one hop can do with them, for as long as they are valid. */
describe.each<CallTokens>(['exchange', 'transaction'])('with CALL_TOKENS=%s', (callTokens) => {
  let shop: Shop;
  let gated: GatedShop;
  let user: string;
  /** The order whose tokens are stolen, and what else the user has. */
  let order: Order;
  let reservations: { readonly ofOrder: string; readonly other: Reservation };
  let stolen: Readonly<Record<Hop, Credentials>>;

  beforeAll(async () => {
    shop = await Shop.open();
    gated = await GatedShop.start(shop.stack, callTokens);
    user = await shop.token();
    const basket = shop.basket(shop.product('HSP-11'));
    const held = await shop.send(gated.inventory, '/reservations', user, {
      body: { orderId: randomUUID(), lines: basket.lines },
    });
    gated.forget();
    order = Order.parse((await shop.placeOrder(user, basket, randomUUID(), gated.orders)).body);
    const { inventory, payments } = gated.gates;
    const sale = inventory.passed.find(({ path }) => path.endsWith('/sell'))!;
    reservations = { ofOrder: sale.path.split('/')[2]!, other: Reservation.parse(held.body) };
    stolen = {
      inventory: credentialsOf(sale.headers),
      payments: credentialsOf(payments.passed[0]!.headers),
    };
  });
  afterAll(() => gated?.close());

  const credentialsOf = ({
    authorization = '',
    'txn-token': transaction,
  }: IncomingHttpHeaders): Credentials => ({
    authorization,
    ...(typeof transaction === 'string' && { 'txn-token': transaction }),
  });
  const attempt = async (
    credentials: Credentials,
    { url }: ServiceProcess,
    path: string,
    json?: unknown,
  ): Promise<Result> => {
    const { status, body } = await call(url + path, {
      headers: credentials,
      ...(json !== undefined && { json }),
    });
    return status < 300 ? String(status) : `${status} ${(body as Problem).code}`;
  };

  /** What the thief wants. */
  const ACTS = {
    'read the orders': (by: Credentials) => attempt(by, gated.orders, '/orders'),
    'place an order': (by: Credentials) =>
      attempt(
        { ...by, 'idempotency-key': randomUUID() },
        gated.orders,
        '/orders',
        shop.basket(shop.product('HSP-11')),
      ),
    'read the products': (by: Credentials) => attempt(by, gated.inventory, '/products'),
    'reserve for another order': (by: Credentials) =>
      attempt(by, gated.inventory, '/reservations', {
        orderId: randomUUID(),
        lines: shop.basket(shop.product('HSP-11')).lines,
      }),
    'sell the stock of another order': (by: Credentials) =>
      attempt(by, gated.inventory, `/reservations/${reservations.other.id}/sell`, {}),
    'sell the stock of this order again': (by: Credentials) =>
      attempt(by, gated.inventory, `/reservations/${reservations.ofOrder}/sell`, {}),
    'read the payments': (by: Credentials) => attempt(by, gated.payments, '/payments'),
    'pay another order': (by: Credentials) =>
      attempt(by, gated.payments, '/payments', {
        ...{ orderId: randomUUID(), amount: order.total, method: 'test-card' },
      }),
    'pay this order with another card': (by: Credentials) =>
      attempt(by, gated.payments, '/payments', {
        ...{ orderId: order.id, amount: order.total, method: 'declined-card' },
      }),
    'pay this order again': (by: Credentials) =>
      attempt(by, gated.payments, '/payments', {
        ...{ orderId: order.id, amount: order.total, method: 'test-card' },
      }),
    'settle as nobody': (by: Credentials) =>
      attempt(by, gated.payments, '/payments/settle', {
        ...{ orderId: order.id, amount: order.total, userId: order.userId },
      }),
  };
  type Act = keyof typeof ACTS;
  const tryAll = async (by: Credentials) => {
    const results = {} as Record<Act, Result>;
    for (const act of Object.keys(ACTS) as Act[]) results[act] = await ACTS[act](by);
    return results;
  };

  const INVALID = '401 invalid_token';
  const NO_SCOPE = '403 insufficient_scope';
  const NOT_ALLOWED = '403 caller_not_allowed';
  const OUTSIDE = '403 outside_transaction';
  const everything = (result: Result) =>
    Object.fromEntries(Object.keys(ACTS).map((act) => [act, result])) as Record<Act, Result>;

  const EXPECTED: Readonly<
    Record<Hop, Readonly<Record<CallTokens, Partial<Record<Act, Result>>>>>
  > = {
    inventory: {
      exchange: {
        'read the products': NO_SCOPE,
        'reserve for another order': '201',
        'sell the stock of another order': '200',
        'sell the stock of this order again': '200',
      },
      transaction: {
        'read the products': NO_SCOPE,
        'reserve for another order': OUTSIDE,
        'sell the stock of another order': '404 reservation_not_found',
        'sell the stock of this order again': '200',
      },
    },
    payments: {
      exchange: {
        'read the payments': NO_SCOPE,
        'pay another order': '201',
        'pay this order with another card': '409 order_id_reused',
        'pay this order again': '201',
        'settle as nobody': NOT_ALLOWED,
      },
      transaction: {
        'read the payments': NO_SCOPE,
        'pay another order': OUTSIDE,
        'pay this order with another card': OUTSIDE,
        'pay this order again': '201',
        'settle as nobody': NOT_ALLOWED,
      },
    },
  };

  it.each<Hop>(['inventory', 'payments'])('the tokens of %s are good for this', async (hop) => {
    // Everything else is refused, because the token is for another service.
    expect(await tryAll(stolen[hop])).toEqual({
      ...everything(INVALID),
      ...EXPECTED[hop][callTokens],
    });
  });

  if (callTokens === 'transaction') {
    it('a transaction token alone is good for nothing', async () => {
      const { 'txn-token': token = '' } = stolen.payments;
      expect(await tryAll({ 'txn-token': token })).toEqual(everything('401 missing_token'));
      expect(await tryAll({ authorization: `Bearer ${token}` })).toEqual(everything(INVALID));
    });

    it('a transaction token lets another service do nothing that only orders may', async () => {
      const { 'txn-token': token = '' } = stolen.inventory;
      const own = await shop.ownToken(shop.stack.serviceCredentials('inventory'), 'orders');
      const asInventory = { authorization: `Bearer ${own}`, 'txn-token': token };
      expect(await tryAll(asInventory)).toEqual({
        ...everything(INVALID),
        'read the orders': NO_SCOPE,
        'place an order': NO_SCOPE,
      });
    });

    it('a token that names the caller is good for nothing without a transaction', async () => {
      const { authorization = '' } = stolen.payments;
      expect(await tryAll({ authorization })).toEqual({
        ...everything(INVALID),
        'read the payments': NO_SCOPE,
        'pay another order': NOT_ALLOWED,
        'pay this order with another card': NOT_ALLOWED,
        'pay this order again': NOT_ALLOWED,
        'settle as nobody': NO_SCOPE,
      });
    });
  }

  it('all of them end with the session', async () => {
    await shop.logOut(user);
    const INVALID_NOW = { exchange: INVALID, transaction: '401 invalid_transaction_token' }[
      callTokens
    ];
    for (const [hop, act] of [
      ['inventory', 'sell the stock of this order again'],
      ['payments', 'pay this order again'],
    ] as const)
      await waitFor(async () => (await ACTS[act](stolen[hop])) === INVALID_NOW, {
        what: `refusal of the tokens of ${hop}`,
      });
  });
});
