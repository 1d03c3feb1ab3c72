import { AuthClient, VERIFYING_REPLICAS } from '@latchkey/local-stack';
import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ConsoleVisit } from './console-visit.js';
import { startControlledStack, type ControlledStack } from '../../src/controlled-stack.js';

const ADA = { username: 'ada', password: 'correct horse battery' };
const GRACE = { username: 'grace', password: 'correct horse battery' };
const RECOVERY = { timeout: 30_000 };
const ARRIVED =
  /^All 4 replicas knew (?:[\d.]+ ms after auth’s answer; \S+ was the last|before auth had even answered; \S+ was the last, [\d.]+ ms earlier)\. Each of them now rejects (?:Ada|Grace)’s token, and asks nobody/;
/** Chromium prints each response that is not successful, and each connection that is refused. */
const EXPECTED_ERROR =
  /^Failed to load resource: (?:the server responded with a status of (?:401|503)|net::ERR_)/;

const LAB_REPORT = '<!doctype html><title>Lab</title><h1>Latchkey: Log-out</h1>';

/** The live view in a browser, on a stack that the page can break. */
describe('the live view', () => {
  let controlled: ControlledStack;
  let browser: TestBrowser;
  let visit: ConsoleVisit;
  let page: Page;

  beforeAll(async () => {
    [browser, controlled] = await Promise.all([
      startTestBrowser(),
      startControlledStack([ADA, GRACE]),
    ]);
    const auth = new AuthClient(controlled.stack.issuer);
    for (const user of [ADA, GRACE]) await auth.register(user);
  });
  afterAll(async () => {
    await browser?.close();
    await controlled?.close();
  });
  beforeEach(async () => {
    visit = await ConsoleVisit.open(browser, controlled.liveUrl, { reducedMotion: 'reduce' });
    page = visit.page;
  });
  afterEach(async () => {
    expect(await visit.violations()).toEqual([]);
    expect(visit.errors.filter((text) => !EXPECTED_ERROR.test(text))).toEqual([]);
    await visit.close();
  });

  const press = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' }).click();
  const card = (name: string) => page.getByRole('article', { name, exact: true });
  const says = (text: string | RegExp, options = {}) =>
    page.getByText(text).first().waitFor(options);
  const cardSays = (name: string, text: string | RegExp) =>
    card(name).getByText(text).first().waitFor(RECOVERY);
  const logIn = async (name = 'Ada') => {
    await press(`Log in as ${name}`);
    const accepted = page.getByText(`All ${VERIFYING_REPLICAS.length} replicas accept the token`);
    const failed = page.getByText(/could not be logged in: /);
    await accepted.or(failed).first().waitFor(RECOVERY);
    if (await failed.count()) throw new Error(await failed.first().innerText());
  };

  it('takes the secret out of the address, and keeps tokens out of storage', async () => {
    expect(page.url()).toBe(`${controlled.stack.issuer}/console/#/live`);
    await logIn();
    const kept = await page.evaluate(
      'JSON.stringify([localStorage, sessionStorage, location.href])',
    );
    expect(kept).toContain('latchkey-control');
    expect(kept).not.toContain('eyJ');
    // The address is remembered for a reload, and for this tab only.
    await page.reload();
    await page.getByRole('button', { name: 'Log in as Ada' }).waitFor();
    await page.evaluate('sessionStorage.clear()');
    await page.reload();
    await says('There is nothing to watch yet');
    // The address is pasted into this tab: nothing but the hash changes.
    await page.goto(controlled.liveUrl);
    await page.getByRole('button', { name: 'Log in as Ada' }).waitFor();
    expect(page.url()).toBe(`${controlled.stack.issuer}/console/#/live`);
    for (const refused of ['http://evil.test', 'http://[::1]:4050']) {
      await page.goto(`${controlled.stack.issuer}/console/#/live?control=${refused}&key=x`);
      await page.waitForURL(`${controlled.stack.issuer}/console/#/live`);
      const refusal = page.getByText('The control server in this link was refused');
      await refusal.waitFor();
      await page.reload();
      await page.getByRole('button', { name: 'Log in as Ada' }).waitFor();
      expect(await refusal.count()).toBe(0);
    }
    await page.evaluate('sessionStorage.clear()');
    await page.reload();
    await says('There is nothing to watch yet');
    expect(await visit.accessibilityFaults()).toEqual([]);
  });

  it('shows a log-out reach every replica, with milliseconds, and what it rejects then', async () => {
    await logIn();
    for (const name of VERIFYING_REPLICAS) {
      await cardSays(name, /Token\s*200 accepted/);
      await cardSays(name, /Cookie\s*200 accepted/);
    }
    await press('Log out');
    await says(ARRIVED);
    for (const name of VERIFYING_REPLICAS) {
      await cardSays(name, '401 rejected');
      await cardSays(name, /^[\d.]+ ms (?:before|after) auth’s answer$/);
      await cardSays(name, /^[\d.]+ ms after the click$/);
      await cardSays(name, /^Next call with the old token: 401, [\d.]+ ms /);
    }
    await page.getByRole('img', { name: /^A plot of 1 log-out/ }).waitFor();
    await press('Log Ada in and out 20 times');
    await page.getByRole('img', { name: /^A plot of 21 log-outs/ }).waitFor(RECOVERY);
    const row = page.getByRole('row', { name: /^orders-2 21 / });
    expect(await row.innerText()).toMatch(/orders-2\s+21(?:\s+−?[\d.]+ ms){3}/);
    expect(await visit.layoutShift()).toBeLessThan(0.1);
  });

  it('logs out everywhere, refreshes, rotates the key, and disables a user', async () => {
    await logIn('Grace');
    await press('Refresh');
    await says('2nd token of this session');
    await press('Rotate the key');
    await says(/signs from now on/, RECOVERY);
    await press('Log out everywhere');
    await says(ARRIVED);
    await press('Log in as Grace again');
    await press('Disable Grace');
    await says(ARRIVED, RECOVERY);
    await press('Log in as Grace again');
    await says(/Grace could not be logged in: .* – 401/);
    await press('Enable Grace');
    await says('Grace may log in again.');
    await logIn('Grace again');
  });

  it('places an order, and shows what the tokens of its hops are good for', async () => {
    await logIn();
    await press('Place an order');
    await says(/^One “.+” ordered: paid\.$/);
    for (const [name, rest] of [
      ['orders → inventory', 'inventory\tinventory:write\torders'],
      ['orders → payments', 'payments\tpayments:write\torders'],
    ] as const)
      expect(await page.getByRole('row', { name }).innerText()).toBe(`${name}\t${rest}`);
    const hop = page.getByRole('row', { name: /^ada → orders/ });
    expect(await hop.innerText()).toMatch(
      /orders, inventory, payments, spare, auth\s+\d+ scopes\s+nobody/,
    );
  });

  it('shows how services differ when one is cut off from NATS, and how they recover', async () => {
    await logIn();
    await press('Break: cut payments off from NATS');
    await cardSays('payments', 'cut off from NATS');
    await cardSays('payments', '503 cannot judge');
    await says(/^Cut off from news of revocations\. payments: refusing to judge/);
    await card('payments')
      .getByRole('progressbar')
      .getAttribute('aria-valuetext')
      .then((text) => expect(Number.parseFloat(text ?? '')).toBeGreaterThanOrEqual(2));
    await cardSays('orders-1', '200 accepted');
    await press('Break: cut inventory off from NATS');
    await press('Break: cut orders-1 off from NATS');
    await cardSays('inventory', '200 accepted, auth was asked');
    await cardSays('orders-1', '200 accepted, unchecked');
    await cardSays('orders-2', '200 accepted');
    for (const name of ['payments', 'inventory', 'orders-1'])
      await press(`Repair: cut ${name} off from NATS`);
    for (const name of VERIFYING_REPLICAS) await cardSays(name, /Token\s*200 accepted$/);
    await press('Log out');
    await says(ARRIVED);
  });

  it('follows a log-out that cannot be published until every replica knows of it', async () => {
    const tile = page.getByRole('region', { name: 'Access token' });
    await logIn();
    await press('Break: stop NATS');
    await page.getByRole('button', { name: 'Repair: stop NATS' }).waitFor(RECOVERY);
    await press('Log out');
    await says(/^Auth has recorded the log-out, but cannot publish it yet: NATS is down\./);
    await cardSays('orders-1', /Token\s*200 accepted/);
    await cardSays('payments', /Token\s*503 cannot judge/);
    await says(/orders-1, orders-2: still accepting it.*payments: no judgement, but 503/, RECOVERY);
    await tile.getByText('Ended by the log-out').waitFor();
    await page.getByRole('button', { name: 'Log in as Ada again', disabled: false }).waitFor();
    await press('Repair: stop NATS');
    await says(
      'Auth has published the log-out by now: all 4 replicas reject Ada’s token.',
      RECOVERY,
    );
    for (const name of VERIFYING_REPLICAS) await cardSays(name, /Token\s*401 rejected/);
    await tile.getByText('Rejected everywhere').waitFor();
  });

  it('shows Postgres and Redis fail, and how the system recovers', async () => {
    await logIn();
    await press('Break: stop Redis');
    for (const name of VERIFYING_REPLICAS) await cardSays(name, /Cookie\s*503 not available/);
    for (const name of VERIFYING_REPLICAS) await cardSays(name, /Token\s*200 accepted$/);
    await press('Repair: stop Redis');
    for (const name of VERIFYING_REPLICAS) await cardSays(name, /Cookie\s*200 accepted/);
    await press('Break: stop Postgres');
    await page.getByRole('button', { name: 'Repair: stop Postgres' }).waitFor(RECOVERY);
    await press('Log out');
    await says(/^Ada could not be logged out: .* – 503/, RECOVERY);
    await cardSays('orders-1', /Token\s*503 not available/);
    await press('Repair: stop Postgres');
    await page
      .getByRole('button', { name: 'Break: stop Postgres', disabled: false })
      .waitFor(RECOVERY);
    for (const name of VERIFYING_REPLICAS) await cardSays(name, /Token\s*200 accepted$/);
    await press('Log out');
    await says(ARRIVED);
  });

  it('can be used with the keyboard alone', async () => {
    const tabTo = (name: string, passed?: Set<string>) => visit.tabTo(name, passed);
    await page.getByRole('button', { name: 'Log in as Ada' }).waitFor();
    await tabTo('Log in as Ada');
    await page.keyboard.press('Enter');
    await says(`All ${VERIFYING_REPLICAS.length} replicas accept the token`);
    const passed = await tabTo('Log out');
    const names = await page.evaluate<string[]>(
      `[...document.querySelectorAll('main button:not(:disabled)')].map((button) =>
        (button.ariaLabel ?? button.textContent).trim())`,
    );
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) await tabTo(name, passed);
    await tabTo('Place an order');
    await page.keyboard.press('Space');
    await says(/^One “.+” ordered: paid\.$/);
    await tabTo('Break: cut payments off from NATS');
    await page.keyboard.press('Enter');
    await cardSays('payments', 'cut off from NATS');
    await tabTo('Repair: cut payments off from NATS');
    await page.keyboard.press('Enter');
    await cardSays('payments', 'live');
    await tabTo('Log out');
    await page.keyboard.press('Enter');
    await says(ARRIVED);
    await tabTo('Log in as Ada again');
  });

  it('watches services that are added by hand, without npm start', async () => {
    await page.evaluate('sessionStorage.clear()');
    await page.reload();
    await says('There is nothing to watch yet');
    const add = async (address: string) => {
      await page.getByLabel('Address of one of its protected routes').fill(address);
      await press('Add a service');
    };
    await add('orders');
    await says('Enter an address that begins with http:// or https://');
    const { url } = controlled.stack.replicas['orders-1'];
    const { host } = new URL(url);
    await add(`${url}/orders`);
    await cardSays(host, 'live');
    await add(`${url}/orders`);
    await says('This service is on the page already');
    await page.getByLabel('User name').fill(GRACE.username);
    await page.locator('input[name=password]').fill(GRACE.password);
    await press('Log in');
    await says('Grace is logged in. The replica accepts the token, without asking auth.');
    await press('Log out');
    await says(new RegExp(`^${host} knew [\\d.]+ ms .* It now rejects Grace’s token`));
  });

  it('links to the newest report of the lab', async () => {
    writeFileSync(join(controlled.stack.logDirectory, 'report.html'), LAB_REPORT);
    const opened = visit.context.waitForEvent('page');
    await page.getByRole('link', { name: /^Open the report of \d/ }).click();
    const report = await opened;
    await report.getByRole('heading', { name: 'Latchkey: Log-out' }).waitFor();
    expect(await report.evaluate('[window.opener, document.referrer]')).toEqual([null, '']);
  });

  it('stays usable while auth, which serves it, is down', async () => {
    await logIn();
    await press('Break: stop auth');
    await cardSays('auth', 'connection lost');
    await cardSays('auth', /^These figures are \d+ s old\.$/);
    await press('Log out');
    await says(/Ada could not be logged out: auth does not answer/);
    // The code of the other pages and of the plot was loaded before.
    await page.getByRole('link', { name: 'Decode' }).click();
    await page.getByRole('link', { name: 'Live' }).click();
    await press('Repair: stop auth');
    await card('auth').and(page.locator('[data-connection=live]')).waitFor(RECOVERY);
    // Its events come before it is ready.
    await page.getByRole('button', { name: 'Break: stop auth', disabled: false }).waitFor(RECOVERY);
    await logIn();
  });

  it('appears as soon as auth is back, if its code could not be loaded', async () => {
    await page.goto(`${controlled.stack.issuer}/console/#/decode`);
    await page.reload(); // so that the code of the live view is not loaded
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.route(/live-page/, (route) => route.abort());
    const failed = page.waitForEvent('requestfailed', (request) => /live-page/.test(request.url()));
    await page.getByRole('link', { name: 'Live' }).click();
    await failed;
    await page.unroute(/live-page/);
    await says('Watch a log-out travel', RECOVERY);
    await logIn();
  });

  describe.each(['light', 'dark'] as const)('in the %s scheme', (colorScheme) => {
    it.each([1280, 390])(
      'is accessible and fits at %d pixels, before and after a log-out',
      async (width) => {
        await visit.close();
        visit = await ConsoleVisit.open(browser, controlled.liveUrl, {
          ...{ colorScheme, reducedMotion: 'reduce', viewport: { width, height: 844 } },
        });
        page = visit.page;
        await cardSays('orders-1', 'nobody is logged in');
        const faults = async () => [await visit.accessibilityFaults(), await visit.overflow()];
        expect(await faults()).toEqual([[], 0]);
        await logIn();
        expect(await faults()).toEqual([[], 0]);
        await press('Log out');
        await says(ARRIVED);
        await page.getByRole('img', { name: /^A plot/ }).waitFor();
        expect(await faults()).toEqual([[], 0]);
      },
    );
  });
});
