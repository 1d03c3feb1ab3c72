import type { Problem } from '@latchkey/contracts';
import { Payment, PaymentListReply } from '@latchkey/shop-contracts';
import { loadConfig, startService, type RunningService } from '@latchkey/service-kit';
import { startTestDatabase, TestAuthority, waitFor, type TestDatabase } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { Environment } from '../src/config.js';
import { paymentsOptions } from '../src/service-options.js';

const SCOPES = 'payments:read payments:write';

describe('payments', () => {
  let authority: TestAuthority;
  let database: TestDatabase;
  let service: RunningService;
  let ada: string;
  let admin: string;

  /** A token with which orders acts for a user. */
  const token = (subject: string = randomUUID(), scope = SCOPES) =>
    authority.issuer.makeToken({ subject, scope, claims: { act: { sub: 'orders' } } });
  const call = async (path: string, accessToken: string, body?: unknown) => {
    const response = await fetch(service.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${accessToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const charge = (minorUnits = 990, method = 'test-card') => ({
    orderId: String(randomUUID()),
    amount: { minorUnits, currency: 'EUR' },
    method,
  });
  const cancellation = ({ orderId, amount }: ReturnType<typeof charge>) => ({ orderId, amount });
  const paid = async (accessToken: string, request: unknown) => {
    const { status, body } = await call('/payments', accessToken, request);
    expect(status).toBe(201);
    return Payment.parse(body);
  };
  const own = async (accessToken: string) =>
    PaymentListReply.parse((await call('/payments', accessToken)).body).payments;
  const code = ({ body }: { body: unknown }) => (body as Problem).code;

  beforeAll(async () => {
    authority = await TestAuthority.start('payments');
    database = await startTestDatabase();
    const environment = {
      ...authority.environment('payments'),
      DATABASE_URL: database.url,
      PORT: '0',
      LOG_LEVEL: 'fatal',
    };
    const options = paymentsOptions(loadConfig(Environment, environment));
    service = await startService({ ...options, handleSignals: false });
    await waitFor(async () => (await fetch(`${service.url}/health/ready`)).ok);
    admin = await token('root', `${SCOPES} payments:admin`);
  });
  afterAll(async () => {
    await service?.close();
    await database?.drop();
    await authority?.close();
  });
  beforeEach(async () => {
    ada = await token();
  });

  describe('a charge', () => {
    it('is made once, however often it is requested concurrently', async () => {
      const request = charge(Number.MAX_SAFE_INTEGER);
      const payments = await Promise.all(Array.from({ length: 20 }, () => paid(ada, request)));
      expect(new Set(payments.map(({ id }) => id)).size).toBe(1);
      expect(payments[0]).toMatchObject({ state: 'captured', amount: request.amount });
      expect(await own(ada)).toEqual([payments[0]]);
    });

    it('is recorded if it is declined, and stays declined', async () => {
      const request = charge(990, 'declined-card');
      const first = await paid(ada, request);
      expect(first.state).toBe('declined');
      expect(await paid(ada, request)).toEqual(first);
    });

    it.each([
      ['another amount', { amount: { minorUnits: 1, currency: 'EUR' } }],
      ['another currency', { amount: { minorUnits: 990, currency: 'USD' } }],
      ['another method', { method: 'declined-card' }],
    ])('is refused if it repeats an order with %s', async (_, other) => {
      const request = charge();
      await paid(ada, request);
      const answer = await call('/payments', ada, { ...request, ...other });
      expect([answer.status, code(answer)]).toEqual([409, 'order_id_reused']);
      expect(await own(ada)).toHaveLength(1);
    });
  });

  describe('a cancellation', () => {
    it('refunds a captured payment, once', async () => {
      const request = charge();
      const { id } = await paid(ada, request);
      for (let time = 0; time < 2; time++) {
        const { status, body } = await call('/payments/cancel', ada, cancellation(request));
        expect(status).toBe(200);
        expect(body).toMatchObject({ id, state: 'refunded' });
      }
    });

    it('prevents a later charge from being captured', async () => {
      const request = charge();
      await call('/payments/cancel', ada, cancellation(request));
      expect((await paid(ada, request)).state).toBe('cancelled');
    });

    it('leaves nothing captured when it races with the charge', async () => {
      const request = charge();
      await Promise.all([
        ...Array.from({ length: 5 }, () => paid(ada, request)),
        ...Array.from({ length: 5 }, () => call('/payments/cancel', ada, cancellation(request))),
      ]);
      expect(['cancelled', 'refunded']).toContain((await own(ada))[0]?.state);
    });

    it('does not affect another user’s payment with the same order id', async () => {
      const request = charge();
      await paid(ada, request);
      await call('/payments/cancel', await token(), cancellation(request));
      expect(await own(ada)).toMatchObject([{ state: 'captured' }]);
    });
  });

  describe('who may charge and cancel', () => {
    const settlement = (userId: string, request: ReturnType<typeof charge>) => ({
      ...cancellation(request),
      userId,
    });
    const own = (client: string, scope: string) =>
      authority.issuer.makeToken({
        ...{ subject: client, scope },
        claims: { client_id: client, sid: undefined, auth_time: undefined },
      });
    const refused = { status: 403, body: { code: 'caller_not_allowed' } };

    it('is orders, when it acts for the user', async () => {
      const browser = await authority.issuer.makeToken({ scope: SCOPES });
      const other = await authority.issuer.makeToken({
        scope: SCOPES,
        claims: { act: { sub: 'inventory', act: { sub: 'orders' } } },
      });
      for (const accessToken of [browser, other, await own('orders', SCOPES)]) {
        expect(await call('/payments', accessToken, charge())).toMatchObject(refused);
        const cancel = cancellation(charge());
        expect(await call('/payments/cancel', accessToken, cancel)).toMatchObject(refused);
      }
    });

    it('is orders itself for an order that was given up, once', async () => {
      const request = charge();
      const { id, userId } = await paid(ada, request);
      const orders = await own('orders', 'payments:settle');
      for (let time = 0; time < 2; time++)
        expect(await call('/payments/settle', orders, settlement(userId, request))).toMatchObject({
          status: 200,
          body: { id, state: 'refunded' },
        });
      const late = charge();
      await call('/payments/settle', orders, settlement(userId, late));
      expect((await call('/payments', ada, late)).body).toMatchObject({ state: 'cancelled' });
    });

    it('is nobody else for an order that was given up', async () => {
      const request = charge();
      const { userId } = await paid(ada, request);
      const acting = await token(userId, 'payments:settle');
      for (const accessToken of [acting, await own('inventory', 'payments:settle')])
        expect(
          await call('/payments/settle', accessToken, settlement(userId, request)),
        ).toMatchObject(refused);
      const scopeless = await own('orders', 'payments:write');
      expect(await call('/payments/settle', scopeless, settlement(userId, request))).toMatchObject({
        status: 403,
        body: { code: 'insufficient_scope' },
      });
      const orders = await own('orders', 'payments:settle');
      for (const wrong of [{ userId: '' }, { userId: undefined }, { orderId: 'x' }])
        expect(
          (await call('/payments/settle', orders, { ...settlement(userId, request), ...wrong }))
            .status,
        ).toBe(400);
    });
  });

  describe('a refund', () => {
    it('requires an admin, and is made once', async () => {
      const { id } = await paid(ada, charge());
      expect((await call(`/payments/${id}/refund`, ada, {})).status).toBe(403);
      for (let time = 0; time < 2; time++) {
        const { status, body } = await call(`/payments/${id}/refund`, admin, {});
        expect(status).toBe(200);
        expect(body).toMatchObject({ id, state: 'refunded' });
      }
    });

    it('is refused if the payment was never captured', async () => {
      const { id } = await paid(ada, charge(990, 'declined-card'));
      const answer = await call(`/payments/${id}/refund`, admin, {});
      expect([answer.status, code(answer)]).toEqual([409, 'nothing_to_refund']);
      expect((await call(`/payments/${randomUUID()}/refund`, admin, {})).status).toBe(404);
    });
  });

  describe('access to rows', () => {
    it('shows a payment to its owner and to an admin', async () => {
      const { id } = await paid(ada, charge());
      const bob = await token();
      expect((await call(`/payments/${id}`, ada)).status).toBe(200);
      expect((await call(`/payments/${id}`, admin)).status).toBe(200);
      expect((await call(`/payments/${id}`, bob)).status).toBe(404);
      expect(await own(bob)).toEqual([]);
    });

    it('lists every user’s payments for an admin who asks, in pages', async () => {
      const newest = [await paid(ada, charge()), await paid(await token(), charge())].reverse();
      const first = await call('/payments?all=true&limit=1', admin);
      const { payments, next } = PaymentListReply.parse(first.body);
      expect(payments).toEqual([newest[0]]);
      const second = await call(`/payments?all=true&limit=1&after=${next}`, admin);
      expect(second.body).toMatchObject({ payments: [newest[1]] });
      expect((await call('/payments?all=true', ada)).status).toBe(403);
      expect(await own(admin)).toEqual([]);
    });

    it('gives no user admin access because of their name', async () => {
      await paid(ada, charge());
      for (const name of ['anybody', 'null', '%']) expect(await own(await token(name))).toEqual([]);
    });
  });

  describe('verification through Passport', () => {
    it('requires a token for this service with the scope of the route', async () => {
      const reader = await token(randomUUID(), 'payments:read');
      const foreign = await authority.issuer.makeToken({ audience: 'orders', scope: SCOPES });
      expect((await fetch(`${service.url}/payments`)).status).toBe(401);
      expect((await call('/payments', foreign)).status).toBe(401);
      expect((await call('/payments', reader)).status).toBe(200);
      expect((await call('/payments', reader, charge())).status).toBe(403);
      expect((await call('/payments/cancel', reader, cancellation(charge()))).status).toBe(403);
    });

    it('refuses a token of a session that has ended', async () => {
      const sessionId = randomUUID();
      const session = await authority.issuer.makeToken({ sessionId, scope: SCOPES });
      expect((await call('/payments', session)).status).toBe(200);
      await authority.revokeSession(sessionId);
      await waitFor(async () => (await call('/payments', session)).status === 401);
    });
  });

  it('documents its inputs and replies', async () => {
    const { body } = await call('/docs-json', ada);
    expect(Object.keys((body as { paths: object }).paths).sort()).toEqual([
      '/payments',
      '/payments/cancel',
      '/payments/settle',
      '/payments/{id}',
      '/payments/{id}/refund',
    ]);
  });

  describe('bad input', () => {
    const amount = (more: object) => ({ amount: { ...charge().amount, ...more } });

    it.each([
      ['a fraction of a cent', amount({ minorUnits: 0.5 }), '/amount/minorUnits'],
      ['a negative amount', amount({ minorUnits: -1 }), '/amount/minorUnits'],
      ['an amount beyond exact numbers', amount({ minorUnits: 2 ** 53 }), '/amount/minorUnits'],
      ['an amount as text', amount({ minorUnits: '990' }), '/amount/minorUnits'],
      ['an invalid currency', amount({ currency: 'euro' }), '/amount/currency'],
      ['an invalid order id', { orderId: 'x' }, '/orderId'],
      ['an unknown method', { method: 'iou' }, '/method'],
      ['an unknown field', { userId: 'bob' }, '/userId'],
    ])('is reported by field: %s', async (_, wrong, field) => {
      const { status, body } = await call('/payments', ada, { ...charge(), ...wrong });
      expect(status).toBe(400);
      expect((body as Problem).errors).toMatchObject([{ in: 'body', field }]);
      expect(await own(ada)).toEqual([]);
    });

    it.each(['limit=0', 'all=maybe', 'after=x', 'page=2'])(
      'is reported by parameter: %s',
      async (query) => {
        const { status, body } = await call(`/payments?${query}`, ada);
        expect(status).toBe(400);
        expect((body as Problem).errors).toMatchObject([
          { in: 'query', field: query.split('=')[0] },
        ]);
      },
    );
  });
});
