import type { CookieSessionReply, TokenReply } from '@latchkey/contracts/auth-api';
import { Order } from '@latchkey/shop-contracts';
import {
  PROTECTED_ROUTES,
  VERIFYING_REPLICAS,
  waitFor,
  type LatchkeyStack,
  type ReplicaName,
} from '@latchkey/local-stack';
import { randomUUID } from 'node:crypto';
import { startStack, type RunningStack } from '../../src/running-stack.js';
import { wantedOrder } from '../../src/wanted-order.js';

const PASSWORD = 'correct horse battery';

interface LoggedIn {
  readonly cookie: string;
  readonly reply: CookieSessionReply;
}

/** The same services with sessions. `orders-2` accepts only sessions, the others also tokens. */
describe.each(['redis', 'postgres'] as const)('session cookies, stored in %s,', (sessionStore) => {
  let running: RunningStack;
  let stack: LatchkeyStack;

  beforeAll(async () => {
    running = await startStack({ sessionStore, env: { 'orders-2': { AUTH_MODE: 'session' } } });
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
  const logIn = async (): Promise<LoggedIn> => {
    const account = { username: `user-${randomUUID()}`, password: PASSWORD };
    await send('auth', 'POST', '/register', {}, account);
    const answer = await send('auth', 'POST', '/session/login', {}, account);
    const cookie = answer.headers.getSetCookie()[0]!.split(';')[0]!;
    return { cookie, reply: (await answer.json()) as CookieSessionReply };
  };
  const ofPage = ({ cookie }: LoggedIn) => ({ cookie, origin: stack.issuer });
  const tokenOf = async (ada: LoggedIn) => {
    const answer = await send('auth', 'POST', '/session/token', ofPage(ada));
    return `Bearer ${((await answer.json()) as TokenReply).access_token}`;
  };
  const ROUTES = VERIFYING_REPLICAS.map((name) => [name, PROTECTED_ROUTES[name]] as const);

  it('are accepted by every service, and by services that orders calls for the user', async () => {
    const ada = await logIn();
    for (const [replica, path] of ROUTES)
      expect((await send(replica, 'GET', path, { cookie: ada.cookie })).status).toBe(200);
    const listed = await send('inventory', 'GET', '/products', { cookie: ada.cookie });
    const wanted = wantedOrder(await listed.json());
    for (const replica of ['orders-1', 'orders-2'] as const) {
      const origin = stack.replicas[replica].url; // a page of that service, such as /docs
      const headers = { cookie: ada.cookie, origin, 'idempotency-key': randomUUID() };
      const answer = await send(replica, 'POST', '/orders', headers, wanted);
      expect(answer.status).toBe(201);
      const { state, userId } = Order.parse(await answer.json());
      expect([state, userId]).toEqual(['paid', ada.reply.subject]);
    }
  });

  it('are refused in cross-origin requests', async () => {
    const ada = await logIn();
    const foreign = { cookie: ada.cookie, origin: 'https://evil.example' };
    const headers = { ...foreign, 'idempotency-key': randomUUID() };
    for (const replica of ['orders-1', 'orders-2'] as const)
      expect((await send(replica, 'POST', '/orders', headers, {})).status).toBe(403);
  });

  it('end together with tokens of the same session, and immediately', async () => {
    const ada = await logIn();
    const authorization = await tokenOf(ada);
    const byToken = async (replica: ReplicaName, path: string) =>
      (await send(replica, 'GET', path, { authorization })).status;
    const byCookie = async (replica: ReplicaName, path: string) =>
      (await send(replica, 'GET', path, { cookie: ada.cookie })).status;
    for (const [replica, path] of ROUTES) {
      expect(await byCookie(replica, path)).toBe(200);
      // orders-2 accepts only sessions.
      expect(await byToken(replica, path)).toBe(replica === 'orders-2' ? 401 : 200);
    }
    const ended = await send('auth', 'DELETE', '/session', ofPage(ada));
    expect([204, 202]).toContain(ended.status);
    for (const [replica, path] of ROUTES) expect(await byCookie(replica, path)).toBe(401);
    for (const [replica, path] of ROUTES)
      await waitFor(async () => (await byToken(replica, path)) === 401);
  });

  // Without Postgres no service has its own data.
  if (sessionStore === 'postgres') return;

  it('get 503 without the store, while tokens stay accepted, and recover without a restart', async () => {
    const ada = await logIn();
    const authorization = await tokenOf(ada);
    await stack.sessionStore!.kill();
    for (const [replica, path] of ROUTES) {
      expect((await send(replica, 'GET', path, { cookie: ada.cookie })).status).toBe(503);
      if (replica === 'orders-2') continue;
      expect((await send(replica, 'GET', path, { authorization })).status).toBe(200);
      expect((await send(replica, 'GET', '/health/ready', {})).status).toBe(200);
    }
    expect((await send('orders-2', 'GET', '/health/ready', {})).status).toBe(503);
    await stack.sessionStore!.restart();
    for (const [replica, path] of ROUTES)
      await waitFor(
        async () => (await send(replica, 'GET', path, { cookie: ada.cookie })).status === 200,
      );
  });
});
