import type { LatchkeyStack } from '@latchkey/local-stack';
import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { ask, attackerPages, crossOriginStatus, submit } from '../../src/page-requests.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const PASSWORD = 'correct horse battery';

/** Requests by the session's own page, and by an attacker's pages on another and on the same site. */
describe('a session cookie in a real browser', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let browser: TestBrowser;
  let attacker: Server;
  let otherSite: string;
  let sameSite: string;
  let person: BrowserContext;
  let own: Page;

  beforeAll(async () => {
    browser = await startTestBrowser();
    running = await startStack({ sessionStore: 'redis' });
    ({ stack } = running);
    attacker = createServer(attackerPages);
    attacker.listen(0);
    await once(attacker, 'listening');
    const { port } = attacker.address() as AddressInfo;
    // The issuer is on 127.0.0.1. Another port is the same site, but localhost is another site.
    otherSite = `http://localhost:${port}/`;
    sameSite = `http://127.0.0.1:${port}/`;
  });
  afterAll(async () => {
    await browser?.close();
    attacker?.close();
    await running?.close();
  });
  beforeEach(async () => {
    person = await browser.newContext();
    own = await person.newPage();
    await own.goto(`${stack.issuer}/health/live`);
    const json = { username: `user-${randomUUID()}`, password: PASSWORD };
    expect(await fromOwnPage('POST', '/register', json)).toBe(202);
    expect(await fromOwnPage('POST', '/session/login', json)).toBe(200);
  });
  afterEach(() => person.close());

  const fromOwnPage = (method: string, path: string, json?: unknown) =>
    ask(own, { url: stack.issuer + path, method, ...(json !== undefined && { json }) });
  const isLoggedIn = async () => (await fromOwnPage('GET', '/session')) === 200;
  const attackerPage = async (url: string) => {
    const page = await person.newPage();
    await page.goto(url);
    return page;
  };

  it('is hidden from scripts, and accepted from its own page until the log-out', async () => {
    expect(await own.evaluate('document.cookie')).toBe('');
    const [cookie] = await person.cookies(stack.issuer);
    expect(cookie).toMatchObject({ name: 'session-development', httpOnly: true, sameSite: 'Lax' });
    expect(await isLoggedIn()).toBe(true);
    expect(await fromOwnPage('POST', '/session/token')).toBe(200);
    expect([202, 204]).toContain(await fromOwnPage('DELETE', '/session'));
    expect(await isLoggedIn()).toBe(false);
    expect(await person.cookies(stack.issuer)).toEqual([]);
  });

  it('is useless to a page of another site', async () => {
    const page = await attackerPage(otherSite);
    const everywhere = `${stack.issuer}/logout/everywhere`;
    // The browser does not send the cookie.
    for (const url of [`${stack.issuer}/session/token`, everywhere])
      expect(await crossOriginStatus(page, url)).toBe(401);
    expect(await ask(page, { url: `${stack.issuer}/session`, method: 'DELETE' })).toBe('blocked');
    expect(await ask(page, { url: `${stack.issuer}/session`, method: 'GET' })).toBe('blocked');
    expect(await submit(page, everywhere)).toBeGreaterThanOrEqual(400);
    expect(await isLoggedIn()).toBe(true);
  });

  it('is sent by another page of the same site, and refused', async () => {
    const page = await attackerPage(sameSite);
    const everywhere = `${stack.issuer}/logout/everywhere`;
    // The browser sends the cookie (SameSite), but auth refuses the origin.
    for (const url of [`${stack.issuer}/session/token`, everywhere])
      expect(await crossOriginStatus(page, url)).toBe(403);
    expect(await ask(page, { url: `${stack.issuer}/session`, method: 'DELETE' })).toBe('blocked');
    expect(await submit(page, everywhere)).toBeGreaterThanOrEqual(400);
    expect(await isLoggedIn()).toBe(true);
  });

  it('is sent when the user follows a link from another site', async () => {
    const page = await attackerPage(otherSite);
    const [answer] = await Promise.all([
      page.waitForNavigation(),
      page.evaluate(`{
        const link = document.createElement('a');
        link.href = ${JSON.stringify(`${stack.issuer}/session`)};
        document.body.append(link);
        link.click();
      }`),
    ]);
    expect(answer?.status()).toBe(200);
  });
});
