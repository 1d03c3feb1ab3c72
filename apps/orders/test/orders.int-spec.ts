import type { Problem } from '@latchkey/contracts';
import { OrderListReply, type PlaceOrderRequest } from '@latchkey/shop-contracts';
import { waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { useOrders } from './orders-fixture.js';

const SCOPES = 'orders:read orders:write inventory:write payments:write';

/** Tests orders without the services behind it; `dev/e2e` tests them together. */
describe('orders', () => {
  // Inventory and payments accept requests and never answer, like services that hang.
  const orders = useOrders(() => undefined);
  let ada: string;

  const request = (quantity = 1): PlaceOrderRequest => ({
    lines: [{ productId: '01900000-0000-7000-8000-000000000001', quantity }],
    paymentMethod: 'test-card',
  });
  const send = async (path: string, token: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as object) };
    const response = await fetch(orders.url + path, { ...init, headers });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const place = (key: string, body = request()) =>
    send('/orders', ada, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    });
  const code = ({ body }: { body: unknown }) => (body as Problem).code;

  beforeEach(async () => {
    ada = await orders.authority.issuer.makeToken({ scope: SCOPES });
  });

  describe('when inventory hangs', () => {
    it('answers within a deadline, admits one request at a time, and keeps the order pending', async () => {
      const key = randomUUID();
      const trying = [place(key), place(key)];
      await waitFor(async () => {
        const { body } = await send('/orders', ada);
        return OrderListReply.parse(body).orders.length === 1;
      });
      const other = await place(key, request(2));
      const answers = await Promise.all(trying);
      const [second, first] = answers.sort((a, b) => a.status - b.status);
      expect([first!.status, code(first!)]).toEqual([503, 'inventory_unavailable']);
      expect(first!.headers.get('retry-after')).toBe('1');
      expect([second!.status, code(second!)]).toEqual([409, 'order_in_progress']);
      expect(second!.headers.get('retry-after')).toBe('1');
      expect(code(other)).toBe('idempotency_key_reused');
      const { body } = await send('/orders', ada);
      expect(body).toMatchObject({ orders: [{ state: 'pending' }] });
    });
  });

  it('refuses a token for another service, and a token of a session that has ended', async () => {
    const foreign = await orders.authority.issuer.makeToken({
      scope: SCOPES,
      audience: 'payments',
    });
    expect((await send('/orders', foreign)).status).toBe(401);
    const sessionId = randomUUID();
    const token = await orders.authority.issuer.makeToken({ scope: SCOPES, sessionId });
    expect((await send('/orders', token)).status).toBe(200);
    await orders.authority.revokeSession(sessionId);
    await waitFor(async () => (await send('/orders', token)).status === 401);
  });

  it('requires the scope of each route', async () => {
    ada = await orders.authority.issuer.makeToken({ scope: 'orders:read' });
    expect((await send('/orders', ada)).status).toBe(200);
    expect((await place(randomUUID())).status).toBe(403);
    expect((await send('/orders?all=true', ada)).status).toBe(403);
  });

  it.each(['limit=0', 'all=1', 'after=x', 'user=bob'])(
    'names the invalid parameter of the query %s',
    async (query) => {
      const { status, body } = await send(`/orders?${query}`, ada);
      expect(status).toBe(400);
      expect(body).toMatchObject({ errors: [{ in: 'query', field: query.split('=')[0] }] });
    },
  );

  it('documents its inputs and replies', async () => {
    const document = JSON.stringify((await send('/docs-json', ada)).body);
    for (const word of ['Idempotency-Key', 'paymentMethod', 'payment_declined', 'unitPrice']) {
      expect(document).toContain(word);
    }
  });
});
