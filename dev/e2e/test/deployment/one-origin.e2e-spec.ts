import { SERVICE_NAMES, SERVICES } from '@latchkey/local-stack';
import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { ask, read } from '../../src/page-requests.js';
import { wantedOrder } from '../../src/wanted-order.js';
import { startOneOrigin, type OneOrigin } from './one-origin-fixture.js';
import { buildApplication } from './recipe-fixture.js';
import { describeSinglePageApplication } from './single-page-application.suite.js';

const PASSWORD = 'correct horse battery';
const SAMPLES = SERVICE_NAMES.map((name) => `/${name}${SERVICES[name].sampleRoute}`);

let one: OneOrigin;
let browser: TestBrowser;
const folders: string[] = [];
const folderWith = (html: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-site-'));
  writeFileSync(join(folder, 'index.html'), `<!doctype html><title>${html}</title>`);
  folders.push(folder);
  return folder;
};

beforeAll(async () => {
  browser = await startTestBrowser();
  const [application, otherApplication] = [folderWith(''), folderWith('')];
  one = await startOneOrigin({ application, otherApplication, console: folderWith('Console') });
  buildApplication(application, 'One origin');
  buildApplication(otherApplication, 'Another origin', {
    'https://auth.example.com': `${one.origin}/auth`,
    'https://orders.example.com': one.ordersOrigin,
  });
});
afterAll(async () => {
  await browser?.close();
  await one?.close();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describeSinglePageApplication(() => ({ one, browser }));

/** The real Caddy with the shipped file, and a real browser. */
describe('deploy/Caddyfile.one-origin', () => {
  let person: BrowserContext;
  let page: Page;
  const atEnd: (() => void)[] = [];

  beforeEach(async () => {
    person = await browser.newContext({ ignoreHTTPSErrors: true });
    page = await person.newPage();
    await page.goto(`${one.origin}/`);
  });
  afterEach(async () => {
    await person.close();
    atEnd.splice(0).forEach((close) => close());
  });

  const get = (path: string, headers = {}) => read(page, one.origin + path, { headers });
  const send = (method: string, path: string, json?: unknown, headers = {}) =>
    ask(page, { url: one.origin + path, method, headers, ...(json !== undefined && { json }) });
  const register = async () => {
    const account = { username: `user-${randomUUID()}`, password: PASSWORD };
    expect(await send('POST', '/auth/register', account)).toBe(202);
    return account;
  };

  it('serves the application at every path of its own, with a policy, and the console below auth', async () => {
    for (const path of ['/', '/basket/7', '/ordersome', '/index.html']) {
      const answer = await page.goto(one.origin + path);
      expect([answer?.status(), await page.title()]).toEqual([200, 'Shop']);
      expect(answer?.headers()).toMatchObject({
        'content-security-policy': expect.stringContaining("script-src 'self';"),
        'x-content-type-options': 'nosniff',
      });
    }
    await page.goto(`${one.origin}/auth/console/`);
    expect(await page.title()).toBe('Console');
  });

  it('publishes metadata and keys at both places where clients look for them', async () => {
    const name = 'oauth-authorization-server';
    for (const path of [`/auth/.well-known/${name}`, `/.well-known/${name}/auth`]) {
      const { body } = await get(path);
      expect(body).toMatchObject({ issuer: `${one.origin}/auth` });
      const keys = await read(page, body['jwks_uri'] as string);
      expect(keys.body).toHaveProperty('keys');
    }
  });

  it('leads to every service, with a token or with a __Host- cookie, and without preflights', async () => {
    const methods: string[] = [];
    page.on('request', (request) => void methods.push(request.method()));
    const account = await register();
    const { body } = await read(page, `${one.origin}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(account),
    });
    const bearer = { authorization: `Bearer ${body['access_token'] as string}` };
    for (const path of SAMPLES) {
      expect(await get(path)).toMatchObject({ status: 401, body: { code: 'missing_token' } });
      expect((await get(path, bearer)).status).toBe(200);
    }
    expect(await send('POST', '/auth/session/login', account)).toBe(200);
    expect(await person.cookies(one.origin)).toMatchObject([{ name: '__Host-session', path: '/' }]);
    const wanted = wantedOrder((await get('/inventory/products')).body);
    const key = { 'idempotency-key': randomUUID() };
    expect(await send('POST', '/orders/orders', wanted, key)).toBe(201);
    expect([202, 204]).toContain(await send('DELETE', '/auth/session'));
    for (const path of SAMPLES) expect(await send('GET', path)).toBe(401);
    expect(methods).not.toContain('OPTIONS');
  });

  // The last test, because it stops orders.
  it('repeats a GET that was not answered, and not a write without a key', async () => {
    const orders = one.stack.replicas['orders-1'];
    await orders.stop();
    let attempts = 0;
    const standIn = createServer((request, response) => {
      attempts += 1;
      if (attempts === 1) request.socket.destroy();
      else response.end('{}');
    }).listen(Number(new URL(orders.url).port), '127.0.0.1');
    const outcome = async (method: string, headers = {}) => {
      attempts = 0;
      const status = await send(
        method,
        '/orders/orders',
        method === 'POST' ? {} : undefined,
        headers,
      );
      return [status, attempts];
    };
    expect(await outcome('GET')).toEqual([200, 2]);
    expect(await outcome('POST')).toEqual([502, 1]);
    standIn.close();
    standIn.closeAllConnections();
  });
});
