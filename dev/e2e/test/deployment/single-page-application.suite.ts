import { TestUser, waitFor } from '@latchkey/testing';
import type { TestBrowser } from '@latchkey/testing/browser';
import type { BrowserContext, Page } from 'playwright-core';
import type { OneOrigin } from './one-origin-fixture.js';
import { block, type Way } from './recipe-fixture.js';

/** A browser with two tabs of the application, and what the browser reports. */
class Visit {
  private constructor(
    private readonly context: BrowserContext,
    readonly url: string,
    readonly first: Page,
    readonly second: Page,
    readonly addresses: readonly string[],
    readonly tokens: ReadonlySet<string>,
    readonly violations: readonly string[],
  ) {}

  static async start(browser: TestBrowser, url: string): Promise<Visit> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const [addresses, tokens, violations] = [[] as string[], new Set<string>(), [] as string[]];
    context.on('request', (request) => {
      addresses.push(request.url());
      const token = request.headers()['authorization']?.replace('Bearer ', '');
      if (token) tokens.add(token);
    });
    context.on('console', (message) => {
      const text = message.text();
      if (text.includes('Content Security Policy')) violations.push(text);
    });
    // The browser is slow to handle clicks in a tab behind another one, so the first tab is opened last.
    const [second, first] = [await context.newPage(), await context.newPage()];
    for (const page of [first, second]) await page.goto(url);
    return new Visit(context, url, first, second, addresses, tokens, violations);
  }

  async logIn({ username, password }: TestUser): Promise<void> {
    await this.tryPassword(username, password);
    await this.#both('main');
  }

  async tryPassword(username: string, password: string): Promise<void> {
    await this.first.fill('[name=username]', username);
    await this.first.fill('[name=password]', password);
    await this.first.click('form button');
  }

  showsForm(): Promise<void> {
    return this.#both('form');
  }

  /** Everything that a script can read without asking auth, and the addresses of both tabs. */
  async readable(): Promise<string> {
    const read = `[document.cookie, location.href, JSON.stringify(history.state),
      ...Object.entries(localStorage), ...Object.entries(sessionStorage)].join()`;
    const databases = 'indexedDB.databases().then((all) => all.length)';
    expect(await this.first.evaluate(databases)).toBe(0);
    return [await this.first.evaluate(read), await this.second.evaluate(read)].join();
  }

  close(): Promise<void> {
    return this.context.close();
  }

  async #both(selector: 'main' | 'form'): Promise<void> {
    for (const page of [this.first, this.second]) await page.waitForSelector(`${selector}:visible`);
  }
}

/** Markup that runs a script, and three ways to send something elsewhere. */
const ATTACK = `
  document.body.innerHTML = '<img src="/x" onerror="hacked = true"><img src="https://attacker.example/">'
    + '<form action="https://attacker.example/"></form>';
  void fetch('https://attacker.example/').catch(() => undefined);
  document.querySelector('form').submit();
`;

/** What a script of an attacker in the page can do: ask auth for a token, with the cookie. */
const stealTokens = (page: Page, url: string) =>
  page.evaluate(async (address) => {
    const body = new URLSearchParams({ grant_type: 'refresh_token' });
    const response = await fetch(address, { method: 'POST', credentials: 'include', body });
    return (await response.json()) as Record<string, string>;
  }, url);

/** The promises of docs/spa.md. @param of what the current test has */
export function describeSinglePageApplication(
  of: () => { readonly one: OneOrigin; readonly browser: TestBrowser },
): void {
  describe.each<Way>(['One origin', 'Another origin'])('docs/spa.md, "%s"', (way) => {
    let visit: Visit;
    let user: TestUser;
    const page = () => visit.first;
    const show = () => page().evaluate(`document.querySelector('#show').click()`);

    beforeEach(async () => {
      const { one, browser } = of();
      visit = await Visit.start(browser, way === 'One origin' ? one.origin : one.otherOrigin);
      user = await TestUser.register(`${one.stack.replicas.auth.url}/auth`);
    });
    afterEach(() => visit?.close());

    it('logs in, calls a service, survives a reload and logs out in all tabs', async () => {
      await visit.showsForm();
      await visit.tryPassword(user.username, 'a wrong passphrase');
      await page().waitForSelector('[role=status]:text("invalid-credentials")');
      await visit.logIn(user);
      for (const prepare of [() => undefined, () => page().reload()]) {
        await prepare();
        await page().click('#show');
        await page().waitForSelector(`pre:text('"orders"')`);
      }
      expect(visit.tokens.size).toBeGreaterThan(0);
      for (const token of visit.tokens) {
        expect(token).toMatch(/^eyJ/);
        expect(visit.addresses.join()).not.toContain(token);
      }
      expect(await visit.readable()).not.toContain('eyJ');
      await visit.second.bringToFront();
      await visit.second.click('#log-out');
      await visit.showsForm();
      expect(visit.violations).toEqual([]);
    });

    it('shows the form after a 401, when the session was ended elsewhere', async () => {
      const { one } = of();
      await visit.logIn(user);
      const stolen = await stealTokens(page(), `${one.origin}/auth/oauth/token`);
      expect(stolen).not.toHaveProperty('refresh_token');
      expect([202, 204]).toContain((await user.logOut(stolen['access_token']!)).status);
      await waitFor(async () => {
        await show();
        return page().isVisible('form');
      });
      await visit.showsForm();
      expect(visit.violations).toEqual([]);
    });

    it('has a policy that stops markup of an attacker, and requests to them', async () => {
      const policy = (await page().reload())?.headers()['content-security-policy'];
      if (way === 'One origin') expect(`${policy}\n`).toBe(block(way, 'Content-Security-Policy'));
      await page().evaluate(ATTACK);
      const violated = (directive: string) => () =>
        visit.violations.some((text) => text.search(`["']${directive} `) >= 0);
      for (const directive of ['script-src', 'img-src', 'connect-src', 'form-action'])
        await waitFor(violated(directive));
      expect(await page().evaluate('typeof hacked')).toBe('undefined');
    });
  });
}
