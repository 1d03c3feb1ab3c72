import { ProductListReply } from '@latchkey/contracts/shop-api';
import { waitFor, type LatchkeyStack, type ReplicaName } from '@latchkey/local-stack';
import { randomUUID } from 'node:crypto';
import { startStack, type RunningStack } from './running-stack.js';

const PASSWORD = 'correct horse battery';
const COOKIE = 'access-token-development';
const ROUTES: readonly (readonly [ReplicaName, string])[] = [
  ['orders-1', '/orders'],
  ['orders-2', '/orders'],
  ['inventory', '/reservations'],
  ['payments', '/payments'],
];

/** As a browser would, whose pages are at the issuer's origin. */
describe('access tokens in cookies', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;

  beforeAll(async () => {
    running = await startStack({ env: { all: { ACCESS_TOKEN_COOKIE: 'true' } } });
    ({ stack } = running);
  });
  afterAll(() => running?.close());

  const send = (
    replica: ReplicaName,
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    json?: unknown,
  ) =>
    fetch(stack.replicas[replica].url + path, {
      method,
      headers: { ...headers, ...(json !== undefined && { 'content-type': 'application/json' }) },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
  const logIn = async () => {
    const account = { username: `user-${randomUUID()}`, password: PASSWORD };
    await send('auth', 'POST', '/register', {}, account);
    const both = { refreshTokenDelivery: 'cookie', accessTokenDelivery: 'cookie' };
    const answer = await send('auth', 'POST', '/login', ofPage(''), { ...account, ...both });
    expect(answer.status).toBe(200);
    return answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0]!)
      .find((pair) => pair.startsWith(COOKIE))!;
  };
  const ofPage = (cookie: string) => ({ cookie, origin: stack.issuer });
  const look = async (cookie: string, [replica, path]: (typeof ROUTES)[number]) =>
    (await send(replica, 'GET', path, { cookie })).status;
  const order = async (cookie: string) => {
    const listed = await send('inventory', 'GET', '/products', { cookie });
    const { products } = ProductListReply.parse(await listed.json());
    const { id: productId } = products.find(({ sku }) => sku === 'PAD-40')!;
    return { lines: [{ productId, quantity: 1 }], paymentMethod: 'test-card' };
  };

  it('are taken by every service from their own pages, until the log-out', async () => {
    const cookie = await logIn();
    for (const route of ROUTES) expect(await look(cookie, route)).toBe(200);
    const wanted = await order(cookie);
    const place = (headers: Record<string, string>) =>
      send('orders-1', 'POST', '/orders', { ...headers, 'idempotency-key': randomUUID() }, wanted);
    expect((await place({ cookie, origin: 'https://evil.example' })).status).toBe(403);
    expect((await place({ cookie })).status).toBe(403);
    // Inventory and payments are called with the same token, as a bearer token.
    const placed = await place(ofPage(cookie));
    expect([placed.status, await placed.json()]).toMatchObject([201, { state: 'paid' }]);
    const ended = await send('auth', 'POST', '/logout', ofPage(cookie));
    expect([202, 204]).toContain(ended.status);
    for (const route of ROUTES)
      await waitFor(async () => (await look(cookie, route)) === 401, { timeoutMs: 10_000 });
  });

  it.each(ROUTES)(
    'change nothing at %s for a foreign page, by no method',
    async (replica, path) => {
      const cookie = await logIn();
      for (const origin of ['https://evil.example', 'http://localhost:1', 'null'])
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
          const { status } = await send(replica, method, path, { cookie, origin });
          expect([403, 404]).toContain(status);
        }
    },
  );

  it.each(ROUTES)('are named by the OpenAPI document of %s', async (replica, path) => {
    const answer = await send(replica, 'GET', '/docs-json', {});
    expect(await answer.json()).toMatchObject({
      components: { securitySchemes: { tokenCookie: { in: 'cookie', name: COOKIE } } },
      paths: { [path]: { get: { security: [{ bearer: [] }, { tokenCookie: [] }] } } },
    });
  });
});
