import { REVOCATION_POSITION_HEADER } from '@latchkey/contracts';
import type { LatchkeyStack } from '@latchkey/local-stack';
import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { ask, attackerPages, read } from '../../src/page-requests.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const PASSWORD = 'correct horse battery';

/** Pages of other origins, which CORS_ORIGINS lists or not, in a real browser. */
describe('a page of another origin', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let browser: TestBrowser;
  let person: BrowserContext;
  const servers: Server[] = [];
  let pages: Record<'shop' | 'reader' | 'elsewhere' | 'stranger', string>;

  /** Every server answers on 127.0.0.1, which is the issuer's site, and on localhost, which is another one. */
  const servePage = async (): Promise<number> => {
    const server = createServer(attackerPages);
    servers.push(server.listen(0));
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };

  beforeAll(async () => {
    browser = await startTestBrowser();
    const ports = [await servePage(), await servePage(), await servePage()];
    pages = {
      shop: `http://127.0.0.1:${ports[0]}`,
      reader: `http://127.0.0.1:${ports[1]}`,
      elsewhere: `http://localhost:${ports[0]}`,
      stranger: `http://127.0.0.1:${ports[2]}`,
    };
    const CORS_ORIGINS = [pages.shop, pages.reader, pages.elsewhere].join();
    running = await startStack({
      sessionStore: 'redis',
      env: { all: { CORS_ORIGINS, SESSION_ORIGINS: pages.shop } },
    });
    ({ stack } = running);
  });
  afterAll(async () => {
    await browser?.close();
    servers.forEach((server) => server.close());
    await running?.close();
  });
  beforeEach(async () => {
    person = await browser.newContext();
  });
  afterEach(() => person.close());

  const open = async (origin: string): Promise<Page> => {
    const page = await person.newPage();
    await page.goto(origin);
    return page;
  };
  const orders = () => `${stack.replicas['orders-1'].url}/orders`;
  const account = () => ({ username: `user-${randomUUID()}`, password: PASSWORD });
  const JSON_BODY = { 'content-type': 'application/json' };

  it.each(['shop', 'elsewhere'] as const)(
    'that is listed (%s) logs in, calls a service and logs out with a token, and reads errors',
    async (name) => {
      const page = await open(pages[name]);
      const post = (path: string, body: unknown, headers = {}) =>
        read(page, stack.issuer + path, {
          ...{ method: 'POST', body: JSON.stringify(body) },
          headers: { ...JSON_BODY, ...headers },
        });
      const ada = account();
      expect((await post('/register', ada)).status).toBe(202);
      const token = (await post('/login', ada)).body['access_token'] as string;
      const headers = { authorization: `Bearer ${token}`, 'x-request-id': 'mine' };
      const listed = await read(page, orders(), { headers });
      expect(listed).toMatchObject({ status: 200, headers: { 'x-request-id': 'mine' } });
      const loggedOut = await post('/logout', {}, headers);
      const position = loggedOut.headers[REVOCATION_POSITION_HEADER];
      expect(position).toMatch(/^\d+$/);
      const later = { ...headers, 'revocation-min-position': position! };
      const refused = await read(page, orders(), { headers: later });
      expect([401, 503]).toContain(refused.status);
      expect((await post('/login', { ...ada, password: 'wrong password' })).status).toBe(401);
      const anonymous = await read(page, orders());
      expect(anonymous).toMatchObject({ status: 401, body: { code: 'missing_token' } });
      expect(anonymous.headers).toHaveProperty('www-authenticate');
    },
  );

  it('that is listed may read with a cookie, and changes something only if SESSION_ORIGINS lists it too', async () => {
    const [shop, reader] = [await open(pages.shop), await open(pages.reader)];
    const json = account();
    const post = (page: Page, path: string, more: object = {}) =>
      ask(page, { url: stack.issuer + path, method: 'POST', ...more });
    expect(await post(shop, '/register', { json })).toBe(202);
    expect(await post(reader, '/session/login', { json })).toBe(403);
    expect(await post(shop, '/session/login', { json })).toBe(200);
    for (const page of [shop, reader]) {
      expect(await ask(page, { url: orders(), method: 'GET' })).toBe(200);
      expect(await ask(page, { url: `${stack.issuer}/session`, method: 'GET' })).toBe(200);
    }
    // The reader's preflights pass, but not its requests.
    const url = `${stack.issuer}/session`;
    expect(await post(reader, '/session/token')).toBe(403);
    expect(await ask(reader, { url, method: 'DELETE' })).toBe(403);
    // The same listed page on another site sends no cookie.
    expect(await ask(await open(pages.elsewhere), { url, method: 'GET' })).toBe(401);
    expect(await post(shop, '/session/token')).toBe(200);
    expect([202, 204]).toContain(await ask(shop, { url, method: 'DELETE' }));
  });

  it('that is not listed reads nothing but the key set and the metadata', async () => {
    const page = await open(pages.stranger);
    const headers = { authorization: 'Bearer x' };
    for (const url of [orders(), `${stack.issuer}/session`, `${stack.issuer}/`])
      for (const more of [{}, { headers }])
        expect(await ask(page, { url, method: 'GET', ...more })).toBe('blocked');
    const metadata = await read(page, `${stack.issuer}/.well-known/oauth-authorization-server`);
    expect(metadata.body['issuer']).toBe(stack.issuer);
    const keys = await read(page, metadata.body['jwks_uri'] as string, {
      headers: { 'if-none-match': '"old"' },
    });
    expect(keys).toMatchObject({ status: 200, body: { keys: expect.any(Array) } });
    expect(keys.headers).toHaveProperty('etag');
  });
});
