import type { LatchkeyStack } from '@latchkey/local-stack';
import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { answered, ask, foreignPages, submit } from '../../src/page-requests.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const PASSWORD = 'correct horse battery';

/** Where the session is known, and two pages of somebody else: on another site, and on the same one. */
describe('a session cookie in a real browser', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let browser: TestBrowser;
  let foreigner: Server;
  let otherSite: string;
  let sameSite: string;
  let person: BrowserContext;
  let own: Page;

  beforeAll(async () => {
    browser = await startTestBrowser();
    running = await startStack({ sessionStore: 'redis' });
    ({ stack } = running);
    foreigner = createServer(foreignPages);
    foreigner.listen(0);
    await once(foreigner, 'listening');
    const { port } = foreigner.address() as AddressInfo;
    // The issuer is on 127.0.0.1: that is another site than localhost, and the same at another port.
    otherSite = `http://localhost:${port}/`;
    sameSite = `http://127.0.0.1:${port}/`;
  });
  afterAll(async () => {
    await browser?.close();
    foreigner?.close();
    await running?.close();
  });
  beforeEach(async () => {
    person = await browser.newContext();
    own = await person.newPage();
    await own.goto(`${stack.issuer}/health/live`);
    const json = { username: `user-${randomUUID()}`, password: PASSWORD };
    expect(await ofOwn('POST', '/register', json)).toBe(202);
    expect(await ofOwn('POST', '/session/login', json)).toBe(200);
  });
  afterEach(() => person.close());

  const ofOwn = (method: string, path: string, json?: unknown) =>
    ask(own, { url: stack.issuer + path, method, ...(json !== undefined && { json }) });
  const isLoggedIn = async () => (await ofOwn('GET', '/session')) === 200;
  const foreignPage = async (url: string) => {
    const page = await person.newPage();
    await page.goto(url);
    return page;
  };

  it('is kept from scripts, and works for its own page until that logs out', async () => {
    expect(await own.evaluate('document.cookie')).toBe('');
    const [cookie] = await person.cookies(stack.issuer);
    expect(cookie).toMatchObject({ name: 'session-development', httpOnly: true, sameSite: 'Lax' });
    expect(await isLoggedIn()).toBe(true);
    expect(await ofOwn('POST', '/session/token')).toBe(200);
    expect(await ofOwn('DELETE', '/session')).toBe(204);
    expect(await isLoggedIn()).toBe(false);
    expect(await person.cookies(stack.issuer)).toEqual([]);
  });

  it('is of no use to a page of another site', async () => {
    const page = await foreignPage(otherSite);
    const everywhere = `${stack.issuer}/logout/everywhere`;
    // The browser sends no cookie from there.
    for (const url of [`${stack.issuer}/session/token`, everywhere])
      expect(await answered(page, url)).toBe(401);
    expect(await ask(page, { url: `${stack.issuer}/session`, method: 'DELETE' })).toBe('blocked');
    expect(await ask(page, { url: `${stack.issuer}/session`, method: 'GET' })).toBe('blocked');
    expect(await submit(page, everywhere)).toBeGreaterThanOrEqual(400);
    expect(await isLoggedIn()).toBe(true);
  });

  it('is sent along by a page of the same site, and refused', async () => {
    const page = await foreignPage(sameSite);
    const everywhere = `${stack.issuer}/logout/everywhere`;
    // SameSite let the cookie through here: what refuses is the origin.
    for (const url of [`${stack.issuer}/session/token`, everywhere])
      expect(await answered(page, url)).toBe(403);
    expect(await ask(page, { url: `${stack.issuer}/session`, method: 'DELETE' })).toBe('blocked');
    expect(await submit(page, everywhere)).toBeGreaterThanOrEqual(400);
    expect(await isLoggedIn()).toBe(true);
  });

  it('comes along when somebody follows a link from another site', async () => {
    const page = await foreignPage(otherSite);
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
