import { decodeUnverified, type CallTokens } from '@latchkey/local-stack';
import { Reservation } from '@latchkey/shop-contracts';
import { randomUUID } from 'node:crypto';
import { metricOf } from '../../src/metrics.js';
import { GatedShop } from './gated-shop.js';
import { Shop } from './shop-fixture.js';

const EXCHANGES = 'latchkey_service_tokens_exchanged_total';

/** Orders calls inventory and payments with real tokens of auth, which a test can read on their way. */
describe.each<CallTokens>(['exchange', 'transaction'])('with CALL_TOKENS=%s', (callTokens) => {
  let shop: Shop;
  let gated: GatedShop;

  beforeAll(async () => {
    shop = await Shop.open();
    gated = await GatedShop.start(shop.stack, callTokens);
  });
  afterAll(() => gated?.close());

  /** Its stock is counted by no test, because reservations of this one expire later. */
  const hasp = () => shop.product('HSP-11');
  const place = (token: string) =>
    shop.placeOrder(token, shop.basket(hasp()), randomUUID(), gated.orders);
  const claimsOf = (token = '') => decodeUnverified(token.replace('Bearer ', '')).claims;
  /** The path, the audience and the scope of each call of one order, and its transaction token's claims. */
  const callsOfOneOrder = async (token: string) => {
    gated.forget();
    expect((await place(token)).status).toBe(201);
    const { inventory, payments } = gated.gates;
    return [...inventory.passed, ...payments.passed].map(({ path, headers }) => {
      expect(headers).not.toHaveProperty('cookie');
      expect(JSON.stringify(headers)).not.toContain(token);
      const transaction = headers['txn-token'];
      return {
        path: path.replace(/[0-9a-f-]{36}/, ':id'),
        caller: claimsOf(headers.authorization),
        transaction: typeof transaction === 'string' ? claimsOf(transaction) : undefined,
      };
    });
  };
  const PATHS = ['/reservations', '/reservations/:id/sell', '/payments'];

  /** What orders asks auth for in the meantime: exchanges, and tokens of its own. */
  const requestsDuring = async (work: () => Promise<unknown>) => {
    const { auth } = gated.gates;
    const before = [auth.passed.length, await metricOf(gated.orders, EXCHANGES)] as const;
    await work();
    const exchanges = (await metricOf(gated.orders, EXCHANGES)) - before[1];
    return { exchanges, own: auth.passed.length - before[0] - exchanges };
  };
  const placeMany = (count: number, token: string) => async () => {
    const answers = await Promise.all(Array.from({ length: count }, () => place(token)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  };

  if (callTokens === 'exchange') {
    it('calls are made with tokens that are good for one service and one purpose', async () => {
      const token = await shop.token();
      const { sub, sid, jti } = claimsOf(token);
      const calls = await callsOfOneOrder(token);
      for (const { caller, transaction } of calls) {
        expect(transaction).toBeUndefined();
        expect(caller).toMatchObject({ sub, sid, act: { sub: 'orders' }, client_id: 'orders' });
        expect(caller.jti).not.toBe(jti);
      }
      expect(calls.map(({ path, caller: { aud, scope } }) => [path, aud, scope])).toEqual([
        [PATHS[0], ['inventory'], 'inventory:write'],
        [PATHS[1], ['inventory'], 'inventory:write'],
        [PATHS[2], ['payments'], 'payments:write'],
      ]);
    });

    it('the first order of a token needs two exchanges, and the next ones none', async () => {
      const token = await shop.token();
      expect(await requestsDuring(placeMany(1, token))).toEqual({ exchanges: 2, own: 0 });
      expect(await requestsDuring(placeMany(20, token))).toEqual({ exchanges: 0, own: 0 });
    });

    it('many parallel first orders need two exchanges', async () => {
      const token = await shop.token();
      expect(await requestsDuring(placeMany(10, token))).toEqual({ exchanges: 2, own: 0 });
    });
  } else {
    it('calls are made with a token that names the caller, and one for the whole order', async () => {
      const token = await shop.token();
      const { sub, sid } = claimsOf(token);
      const calls = await callsOfOneOrder(token);
      const { issuer } = shop.stack;
      const [first] = calls;
      for (const { caller, transaction } of calls) {
        expect(caller).toMatchObject({ sub: 'orders', client_id: 'orders', scope: '' });
        expect(caller).not.toHaveProperty('sid');
        // The very same token, with its details.
        expect(transaction).toEqual(first!.transaction);
      }
      expect(first!.transaction).toEqual({
        ...{ iss: issuer, aud: 'shop.localhost', sub, sid, req_wl: 'orders' },
        scope: 'inventory:write payments:write',
        txn: expect.any(String),
        jti: expect.any(String),
        iat: expect.any(Number),
        exp: Number(first!.transaction!.iat) + 60,
        tctx: { order: await gated.newestOrder(), payment_method: 'test-card' },
        rctx: { request_id: expect.any(String) },
      });
      expect(calls.map(({ path, caller: { aud } }) => [path, aud])).toEqual([
        [PATHS[0], ['inventory']],
        [PATHS[1], ['inventory']],
        [PATHS[2], ['payments']],
      ]);
    });

    it('each order needs one exchange, and the tokens of orders itself serve all users', async () => {
      await placeMany(1, await shop.token())();
      const [ada, bob] = [await shop.token(), await shop.token()];
      expect(await requestsDuring(placeMany(1, ada))).toEqual({ exchanges: 1, own: 0 });
      expect(await requestsDuring(placeMany(10, ada))).toEqual({ exchanges: 10, own: 0 });
      expect(await requestsDuring(placeMany(1, bob))).toEqual({ exchanges: 1, own: 0 });
    });
  }

  describe('calls that sell, release, charge or cancel', () => {
    it('are refused with 403 to a browser, which may still reserve', async () => {
      const token = await shop.token();
      const body = { orderId: randomUUID(), lines: shop.basket(hasp()).lines };
      const held = await shop.send(gated.inventory, '/reservations', token, { body });
      expect(held.status).toBe(201);
      const { id, orderId, total: amount } = Reservation.parse(held.body);
      const calls = [
        [gated.inventory, `/reservations/${id}/sell`, {}],
        [gated.inventory, `/reservations/${id}/release`, {}],
        [gated.payments, '/payments', { orderId, amount, method: 'test-card' }],
        [gated.payments, '/payments/cancel', { orderId, amount }],
        [gated.payments, '/payments/settle', { orderId, amount, userId: 'ada' }],
        [gated.orders, '/orders/settlements', { reservations: [] }],
      ] as const;
      for (const who of [token, await shop.adminToken()])
        for (const [replica, path, json] of calls)
          expect(await shop.send(replica, path, who, { body: json })).toMatchObject({
            status: 403,
            body: { code: 'caller_not_allowed' },
          });
      const after = await shop.send(gated.inventory, `/reservations/${id}`, token);
      expect(after.body).toMatchObject({ state: 'held' });
    });
  });
});
