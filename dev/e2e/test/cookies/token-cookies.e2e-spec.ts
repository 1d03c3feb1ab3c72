import {
  call,
  type CallOptions,
  type LatchkeyStack,
  type ReplicaName,
  waitFor,
} from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { startStack, type RunningStack } from '../../src/running-stack.js';
import { wantedOrder } from '../../src/wanted-order.js';

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

  const send = (replica: ReplicaName, path: string, sent?: CallOptions) =>
    call(stack.replicas[replica].url + path, sent);
  const ofPage = (cookie: string) => ({ cookie, origin: stack.issuer });
  const logIn = async () => {
    const { username, password } = await TestUser.register(stack.issuer, `user-${randomUUID()}`);
    const both = { refreshTokenDelivery: 'cookie', accessTokenDelivery: 'cookie' };
    const answer = await send('auth', '/login', { json: { username, password, ...both } });
    expect(answer.status).toBe(200);
    return answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0]!)
      .find((pair) => pair.startsWith(COOKIE))!;
  };
  const look = async (cookie: string, [replica, path]: (typeof ROUTES)[number]) =>
    (await send(replica, path, { headers: { cookie } })).status;

  it('are taken by every service from their own pages, until the log-out', async () => {
    const cookie = await logIn();
    for (const route of ROUTES) expect(await look(cookie, route)).toBe(200);
    const json = wantedOrder((await send('inventory', '/products', { headers: { cookie } })).body);
    const place = (headers: Record<string, string>) =>
      send('orders-1', '/orders', {
        json,
        headers: { ...headers, 'idempotency-key': randomUUID() },
      });
    expect((await place({ cookie, origin: 'https://evil.example' })).status).toBe(403);
    expect((await place({ cookie })).status).toBe(403);
    // Inventory and payments are called with the same token, as a bearer token.
    const placed = await place(ofPage(cookie));
    expect(placed).toMatchObject({ status: 201, body: { state: 'paid' } });
    const ended = await send('auth', '/logout', { method: 'POST', headers: ofPage(cookie) });
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
          const { status } = await send(replica, path, { method, headers: { cookie, origin } });
          expect([403, 404]).toContain(status);
        }
    },
  );

  it.each(ROUTES)('are named by the OpenAPI document of %s', async (replica, path) => {
    const { body } = await send(replica, '/docs-json');
    expect(body).toMatchObject({
      components: { securitySchemes: { tokenCookie: { in: 'cookie', name: COOKIE } } },
      paths: { [path]: { get: { security: [{ bearer: [] }, { tokenCookie: [] }] } } },
    });
  });
});
