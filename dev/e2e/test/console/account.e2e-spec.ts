import { AuthClient, type Account, type LatchkeyStack } from '@latchkey/local-stack';
import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Route } from 'playwright-core';
import { refusedEverywhere } from '../../src/everywhere.js';
import { attackerPages, crossOriginStatus } from '../../src/page-requests.js';
import { sharedStack } from '../../src/shared-stack.js';
import { NO_FAULTS, SessionPage } from './session-page.js';

const PASSWORD = 'correct horse battery';
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
/** HTML, a character that reverses what follows, and more than any screen has room for. */
const HOSTILE = [
  '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script>',
  'admin\u202egnp.exe\u2066 \u0000\u200b',
  'W'.repeat(10_000),
];

describe('the account page', () => {
  let stack: LatchkeyStack;
  let auth: AuthClient;
  let browser: TestBrowser;
  let account: Account;
  let user: SessionPage;

  beforeAll(async () => {
    [browser, stack] = await Promise.all([startTestBrowser(), sharedStack()]);
    auth = new AuthClient(stack.issuer);
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    account = { username: `user-${randomUUID()}`, password: PASSWORD };
    await auth.register(account);
  });
  afterEach(() => user?.visit.close());

  const open = async (options = {}) =>
    (user = await SessionPage.open(browser, stack.issuer, '/account', options));
  const logInElsewhere = async (userAgent = FIREFOX): Promise<string> => {
    const headers = { 'user-agent': userAgent };
    const { body } = await auth.send('POST', '/login', { json: account, headers });
    return (body as { access_token: string }).access_token;
  };
  const sessionsOf = async (token: string) => {
    const { body } = await auth.send('GET', '/sessions', { token });
    return (body as { sessions?: unknown[] }).sessions?.length;
  };
  const statusOf = async (credentials: Account) =>
    (await auth.send('POST', '/login', { json: credentials })).status;

  it('creates an account, says who is logged in, and leaves no token where a script could find it', async () => {
    const { page, visit } = await open();
    account = { username: `New-${randomUUID()}`, password: PASSWORD };
    await user.button('No account yet? Create one').click();
    await user.field('User name').fill(account.username);
    await user.field('Password').fill('password1');
    await user.button('Create the account and log in').click();
    expect(await user.problem()).toContain('Many people use this password');
    await user.field('Password').fill(PASSWORD);
    await user.button('Create the account and log in').click();
    await user.panel('You').getByText(account.username.toLowerCase()).waitFor();
    expect(await user.panel('You').innerText()).toContain('orders:read');
    expect(await statusOf(account)).toBe(200);
    expect(page.url()).toBe(`${stack.issuer}/console/#/account`);
    expect(
      await page.evaluate('Object.keys({ ...localStorage, ...sessionStorage })'),
    ).not.toContainEqual(expect.stringMatching(/token|session|latchkey/i));
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await visit.context.cookies()).toEqual([
      expect.objectContaining({ name: '__Host-latchkey-refresh', httpOnly: true }),
    ]);
    // A reload takes the session from the cookie.
    await page.reload();
    await user.panel('You').getByText(account.username.toLowerCase()).waitFor();
    await user.button('Log out').click();
    await user.says('You are logged out here. It was published to every service.');
    await user.button('No account yet? Create one').click();
    await user.field('Password').fill('another long password');
    await user.field('User name').fill(account.username);
    await user.button('Create the account and log in').click();
    expect(await user.problem()).toContain('Somebody has this name already');
  });

  it('ends one session, all others and all, asks before each, and tells the other tab', async () => {
    const [other, third] = [await logInElsewhere(), await logInElsewhere('curl/8.1')];
    const { page, visit } = await open();
    await user.loggedIn(account);
    expect(await user.items('Sessions').count()).toBe(3);
    expect(await user.items('Sessions').first().innerText()).toMatch(
      /Chrome \d+ on Linux\s+This session[^]*127\.0\.0\.1/,
    );
    const end = user.button('End the session of Firefox 140 on Windows');
    await end.click();
    expect(await user.dialog.innerText()).toContain('Firefox 140 on Windows is logged out');
    await page.keyboard.press('Escape');
    await user.dialog.waitFor({ state: 'detached' });
    expect(await user.focused()).toBe('End the session of Firefox 140 on Windows');
    expect(await sessionsOf(other)).toBe(3);

    await end.click();
    const before = visit.requests.length;
    await user.dialog.getByRole('button', { name: 'End the session' }).dblclick();
    await refusedEverywhere(stack, other);
    await user.says('has ended. It was published to every service.');
    await user.dialog.waitFor({ state: 'detached' });
    const sent = visit.requests.slice(before).filter((request) => request.method() === 'DELETE');
    expect(sent).toHaveLength(1);
    // The button has gone with its row.
    expect(await user.focused()).toContain('The session of Firefox 140 on Windows has ended');
    expect(await sessionsOf(third)).toBe(2);

    const tab = await user.newTab('/account');
    await tab.button('Log out').waitFor();
    await user.confirm(user.button('End all others'), 'End the others');
    await refusedEverywhere(stack, third);
    expect(await user.items('Sessions').count()).toBe(1);
    expect(await user.button('End all others').isDisabled()).toBe(true);

    const last = await logInElsewhere();
    const question = await user.confirm(user.button('End all'), 'End all sessions');
    expect(question).toContain('this one too');
    await Promise.all([user, tab].map((each) => each.button('Log in').waitFor()));
    await user.says('All of your sessions have ended. It was published to every service.');
    await refusedEverywhere(stack, last);
  });

  it('changes the password, which ends the other sessions only', async () => {
    const other = await logInElsewhere();
    const { page } = await open();
    await user.loggedIn(account);
    const change = async (current: string, next: string, again = next) => {
      await user.field('Current password').fill(current);
      await user.field('New password').fill(next);
      await user.field('New password again').fill(again);
      await user.button('Change the password').click();
    };
    await change(PASSWORD, 'another long password', 'another long passwort');
    expect(await user.problem()).toContain('The two new passwords differ');
    await change('not the password', 'another long password');
    await user.page.getByText('The current password is wrong.').waitFor();
    await change(PASSWORD, 'another long password');
    await user.says('The password is changed');
    await refusedEverywhere(stack, other);
    expect(await statusOf(account)).toBe(401);
    expect(await user.items('Sessions').count()).toBe(1);
    await page.reload();
    await user.button('Log out').waitFor();
    expect(await statusOf({ ...account, password: 'another long password' })).toBe(200);
  });

  it('says what went wrong, and how long to wait', async () => {
    const { page, visit } = await open();
    await user.logIn({ ...account, password: 'not the password' });
    expect(await user.problem()).toContain('The name or the password is wrong');
    const answer =
      (status: number, code: string, headers = {}) =>
      (route: Route) =>
        route.fulfill({
          ...{ status, headers, contentType: 'application/problem+json' },
          body: JSON.stringify({ type: 'x', title: 'it is so', status, code, requestId: 'r-1' }),
        });
    await page.route('**/login', answer(429, 'too_many_attempts', { 'retry-after': '7' }));
    await user.button('Log in').click();
    await page.getByText('Too many attempts. Try again in 7 seconds.').waitFor();
    await page.unroute('**/login');
    await user.loggedIn(account);
    const end = user.button('End all others');
    await logInElsewhere();
    await user.button('Reload').click();
    await end.click();
    const submit = () => user.dialog.getByRole('button', { name: 'End the others' }).click();
    for (const [handler, sentence] of [
      [answer(503, 'busy', { 'retry-after': '1' }), /It is so. Try again in 1 second. .*r-1/],
      [answer(403, 'cross_origin'), /not of auth’s own address/],
      [(route: Route) => route.fulfill({ status: 502, body: '<h1>Bad gateway' }), /be reached/],
      [(route: Route) => route.abort(), /Whether it has done this is not known/],
    ] as const) {
      await page.route('**/sessions', handler);
      await submit();
      await user.dialog.getByText(sentence).waitFor();
      await page.unroute('**/sessions', handler);
    }
    await page.route('**/sessions', (route) =>
      route.request().method() === 'GET'
        ? route.fallback()
        : route.fulfill({
            status: 202,
            json: { recorded: true, accessTokensMayLiveSeconds: 301 },
          }),
    );
    await submit();
    await user.dialog.waitFor({ state: 'detached' });
    await user.says(/recorded, but not published yet.* up to 301 s/);
    expect(await visit.violations()).toEqual([]);
  });

  it('is of no use to a page of another origin', async () => {
    await open();
    await user.loggedIn(account);
    const server = createServer(attackerPages).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const attacker = await user.visit.context.newPage();
    const { port } = server.address() as AddressInfo;
    await attacker.goto(`http://127.0.0.1:${port}`);
    for (const path of ['/oauth/token', '/logout', '/logout/everywhere'])
      expect([400, 403]).toContain(await crossOriginStatus(attacker, stack.issuer + path));
    const framed = attacker.waitForEvent('console', (message) => /frame/i.test(message.text()));
    await attacker.evaluate(`{
      const frame = document.createElement('iframe');
      frame.src = ${JSON.stringify(`${stack.issuer}/console/#/account`)};
      document.body.append(frame);
    }`);
    expect((await framed).text()).toContain('frame-ancestors');
    await user.page.reload();
    await user.button('Log out').waitFor();
    server.close();
    server.closeAllConnections();
  });

  it.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)(
    'is accessible, and shows hostile names, in the %s scheme at %d pixels',
    async (colorScheme, width) => {
      for (const agent of HOSTILE.slice(0, 1)) await logInElsewhere(agent);
      const viewport = { width, height: 844 };
      const { page } = await open({ colorScheme, viewport, reducedMotion: 'reduce' });
      await user.button('Log in').waitFor();
      expect(await user.faults()).toEqual(NO_FAULTS);
      await user.loggedIn(account);
      expect(await user.faults()).toEqual(NO_FAULTS);
      const json = async (route: Route, change: (body: never) => unknown) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: change((await response.json()) as never) });
      };
      await page.route('**/account', (route) =>
        json(route, (body: object) => ({ ...body, username: HOSTILE.join(' '), roles: HOSTILE })),
      );
      await page.route('**/sessions', (route) =>
        json(route, ({ sessions: [one] }: { sessions: object[] }) => ({
          sessions: HOSTILE.map((text, index) => ({
            ...{ ...one, sid: String(index), userAgent: text },
            ...{ loginAddress: text, lastAddress: null },
          })),
        })),
      );
      await page.reload();
      await user.button('Log out').waitFor();
      expect(await user.items('Sessions').count()).toBe(3);
      await user.items('Sessions').nth(1).getByText('\\u202e').first().waitFor();
      expect(await user.faults()).toEqual(NO_FAULTS);
      await user.items('Sessions').last().getByRole('button').last().click();
      await user.dialog.waitFor();
      expect(await user.faults()).toEqual(NO_FAULTS);
      expect(await page.evaluate("'hacked' in window")).toBe(false);
    },
  );
});
