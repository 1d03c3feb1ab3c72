import type { LatchkeyStack, ReplicaName } from '@latchkey/local-stack';
import { startTestRedis, type TestRedis } from '@latchkey/testing';
import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { randomUUID } from 'node:crypto';
import type { BrowserContext, Page } from 'playwright-core';
import { passOn, startHttps, type HttpsServer } from './https-front.js';
import {
  crossOriginStatus,
  ask,
  attackerPages,
  submit,
  type PageRequest,
} from '../../src/page-requests.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';
import { wantedOrder } from '../../src/wanted-order.js';

const PASSWORD = 'correct horse battery';
const IN_COOKIES = { refreshTokenDelivery: 'cookie', accessTokenDelivery: 'cookie' };
const BOUND = { path: '/', httpOnly: true, secure: true, domain: '127.0.0.1' };

/** The services behind the front, by the start of the path. Auth gets all other requests. */
const BEHIND: readonly (readonly [string, ReplicaName])[] = [
  ['/orders', 'orders-1'],
  ['/products', 'inventory'],
  ['/reservations', 'inventory'],
  ['/payments', 'payments'],
];

/** All services behind one origin, as in production. */
describe('cookies over HTTPS in a real browser', () => {
  let redis: TestRedis;
  let front: HttpsServer;
  let attacker: HttpsServer;
  let running: RunningStack;
  let stack: LatchkeyStack;
  let browser: TestBrowser;
  let issuer: string;
  let person: BrowserContext;
  let own: Page;
  let account: { username: string; password: string };

  beforeAll(async () => {
    [redis, browser] = await Promise.all([startTestRedis(), startTestBrowser()]);
    front = await startHttps((request, response) => {
      const [, name = 'auth'] = BEHIND.find(([path]) => request.url?.startsWith(path)) ?? [];
      passOn(stack.replicas[name].url, request, response);
    });
    attacker = await startHttps(attackerPages);
    issuer = `https://127.0.0.1:${front.port}`;
    const all = {
      ISSUER: issuer,
      SESSION_STORE_URL: redis.url,
      ACCESS_TOKEN_COOKIE: 'true',
    };
    const both = { AUTH_MODE: 'both' };
    running = await startStack({
      env: { all, orders: both, inventory: both, payments: both },
      // Fetch keys from auth directly, because the services do not trust the front's certificate.
      route: (_, url) => url,
    });
    ({ stack } = running);
  });
  afterAll(async () => {
    await browser?.close();
    await attacker?.close();
    await front?.close();
    await running?.close();
    await redis?.close();
  });
  beforeEach(async () => {
    person = await browser.newContext({ ignoreHTTPSErrors: true });
    own = await person.newPage();
    await own.goto(`${issuer}/health/live`);
    account = { username: `user-${randomUUID()}`, password: PASSWORD };
    expect(await fromOwnPage('POST', '/register', { json: account })).toBe(202);
  });
  afterEach(() => person.close());

  const fromOwnPage = (method: string, path: string, more: Partial<PageRequest> = {}) =>
    ask(own, { ...more, url: issuer + path, method });
  const statuses = async () => {
    const all = [];
    for (const [path] of BEHIND) all.push(await fromOwnPage('GET', path));
    return new Set(all);
  };
  const cookies = async () =>
    (await person.cookies(issuer)).sort((one, other) => one.name.localeCompare(other.name));
  const logInForTokens = () =>
    fromOwnPage('POST', '/login', { json: { ...account, ...IN_COOKIES } });
  const attackerPage = async (host: string) => {
    const page = await person.newPage();
    await page.goto(`https://${host}:${attacker.port}/`);
    return page;
  };

  it('__Host-session is hidden from scripts, accepted by every service, and deleted at log-out', async () => {
    expect(await fromOwnPage('POST', '/session/login', { json: account })).toBe(200);
    expect(await own.evaluate('document.cookie')).toBe('');
    expect(await cookies()).toMatchObject([{ ...BOUND, name: '__Host-session', sameSite: 'Lax' }]);
    expect(await statuses()).toEqual(new Set([200]));
    expect([202, 204]).toContain(await fromOwnPage('DELETE', '/session'));
    expect(await cookies()).toEqual([]);
    expect(await statuses()).toEqual(new Set([401]));
  });

  it('__Host-access-token is hidden from scripts, accepted by every service, and deleted at log-out', async () => {
    expect(await logInForTokens()).toBe(200);
    expect(await own.evaluate('document.cookie')).toBe('');
    const [access, refresh] = await cookies();
    expect(access).toMatchObject({ ...BOUND, name: '__Host-access-token', sameSite: 'Lax' });
    expect(refresh).toMatchObject({
      ...BOUND,
      name: '__Host-latchkey-refresh',
      sameSite: 'Strict',
    });
    expect(await statuses()).toEqual(new Set([200]));
    const headers = { 'idempotency-key': randomUUID() };
    const products = await own.evaluate(`fetch('/products').then((answer) => answer.json())`);
    expect(await fromOwnPage('POST', '/orders', { json: wantedOrder(products), headers })).toBe(
      201,
    );
    expect([202, 204]).toContain(await fromOwnPage('POST', '/logout'));
    expect(await cookies()).toEqual([]);
    expect(await statuses()).toEqual(new Set([401]));
  });

  it('__Host-access-token is replaced at a refresh, and never visible to scripts', async () => {
    await logInForTokens();
    const [before] = await cookies();
    const text = await own.evaluate(`fetch('/oauth/token', {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token' }),
    }).then((answer) => answer.text())`);
    expect(Object.keys(JSON.parse(String(text)) as object)).toEqual(['expires_in', 'scope']);
    const [after] = await cookies();
    expect(after?.name).toBe('__Host-access-token');
    expect(after?.value).not.toBe(before?.value);
    expect(await statuses()).toEqual(new Set([200]));
  });

  it.each([
    // The browser does not send the cookie.
    ['another site', 'localhost', 401],
    // The browser sends the cookie (SameSite), but the service refuses the origin.
    ['the same site', '127.0.0.1', 403],
  ])('__Host-access-token is useless to a page of %s', async (_, host, status) => {
    await logInForTokens();
    const page = await attackerPage(host);
    for (const path of ['/orders', '/reservations', '/payments', '/logout/everywhere'])
      expect([path, await crossOriginStatus(page, issuer + path)]).toEqual([path, status]);
    expect(await ask(page, { url: `${issuer}/orders`, method: 'GET' })).toBe('blocked');
    expect(await submit(page, `${issuer}/logout/everywhere`)).toBeGreaterThanOrEqual(400);
    expect(await statuses()).toEqual(new Set([200]));
  });
});
