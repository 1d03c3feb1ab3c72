import {
  call,
  type CallOptions,
  type LatchkeyStack,
  PROTECTED_ROUTES,
  type ReplicaName,
  VERIFYING_REPLICAS,
  waitFor,
} from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { startStack, type RunningStack } from '../../src/running-stack.js';
import { wantedOrder } from '../../src/wanted-order.js';

const COOKIE = 'access-token-development';
const ROUTES = VERIFYING_REPLICAS.map((name) => [name, PROTECTED_ROUTES[name]] as const);

/** Requests as a browser would send them from pages at the issuer's origin. */
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

  it('are accepted by every service until the log-out', async () => {
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
    // Orders calls inventory and payments with the same token, as a bearer token.
    const placed = await place(ofPage(cookie));
    expect(placed).toMatchObject({ status: 201, body: { state: 'paid' } });
    const ended = await send('auth', '/logout', { method: 'POST', headers: ofPage(cookie) });
    expect([202, 204]).toContain(ended.status);
    for (const route of ROUTES) await waitFor(async () => (await look(cookie, route)) === 401);
  });

  it.each(ROUTES)(
    'are refused by %s in cross-origin requests with any unsafe method',
    async (replica, path) => {
      const cookie = await logIn();
      for (const origin of ['https://evil.example', 'http://localhost:1', 'null'])
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
          const { status } = await send(replica, path, { method, headers: { cookie, origin } });
          expect([403, 404]).toContain(status);
        }
    },
  );

  it.each(ROUTES)('are documented in the OpenAPI document of %s', async (replica, path) => {
    const { body } = await send(replica, '/docs-json');
    expect(body).toMatchObject({
      components: { securitySchemes: { tokenCookie: { in: 'cookie', name: COOKIE } } },
      paths: { [path]: { get: { security: [{ bearer: [] }, { tokenCookie: [] }] } } },
    });
  });
});
