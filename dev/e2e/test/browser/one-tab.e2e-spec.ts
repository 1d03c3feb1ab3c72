import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestUser } from '@latchkey/testing';
import { waitFor } from '@latchkey/testing';
import { Readme } from '../packages/readme-fixture.js';
import { BrowserFixture, claimOf } from './browser-fixture.js';
import type { Fault } from './front-fixture.js';
import type { Tab } from './tab-fixture.js';

const HOUR = 3_600_000;

describe('a page with @latchkey/browser', () => {
  let fixture: BrowserFixture;
  let user: TestUser;

  beforeAll(async () => {
    fixture = await BrowserFixture.start();
  });
  afterAll(() => fixture?.close());
  beforeEach(async () => {
    user = await fixture.register();
  });
  afterEach(() => fixture.closePersons());

  /** Opens a page, and logs in. */
  const logIn = async (query = ''): Promise<Tab> => {
    const context = await fixture.person();
    await context.clock.install();
    const tab = await fixture.open(context, query);
    await tab.reaches('logged-out');
    await tab.logIn(user.username, user.password);
    fixture.front.takeRefreshes();
    return tab;
  };
  const expire = (tab: Tab) => tab.page.clock.fastForward(HOUR);
  const userId = async (tab: Tab) => claimOf(await tab.token(), 'sub');

  it('logs in, calls a service, survives a reload and logs out', async () => {
    const tab = await logIn();
    expect(await tab.fetch('/orders')).toBe(200);
    await tab.page.reload();
    expect(await tab.fetch('/orders')).toBe(200);
    expect(await tab.state()).toBe(await userId(tab));
    expect(await tab.logOut()).toBe(true);
    expect(await tab.fetch('/orders')).toBe('logged-out');
    await tab.page.reload();
    await tab.reaches('logged-out');
    expect(await tab.fetch('/orders')).toBe('logged-out');
  });

  it('keeps no token where scripts of other pages or a later visitor find it', async () => {
    const tab = await logIn();
    const stored = await tab.page.evaluate(
      '[document.cookie, location.href, ...Object.values(localStorage), ...Object.values(sessionStorage)].join()',
    );
    expect(stored).not.toContain('eyJ');
    const [cookie] = await tab.page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', secure: true });
  });

  it.each(['wrong password', 'x'.repeat(1_025)])(
    'says that a password is wrong, and stays logged out',
    async (password) => {
      const tab = await fixture.open(await fixture.person());
      await expect(tab.logIn(user.username, password)).rejects.toThrow('invalid-credentials');
      expect(await tab.changes()).toEqual(['logged-out']);
    },
  );

  describe('when auth cannot refresh', () => {
    it.each<[string, Fault]>([
      ['the request is lost', 'lost request'],
      ['the response is lost', 'lost response'],
      ['there are too many requests', { status: 429, headers: { 'retry-after': '1' } }],
      ['auth is broken', { status: 500 }],
      ['auth is unavailable', { status: 503, body: '{"error":"temporarily_unavailable"}' }],
      ['a Wi-Fi network wants a log-in', { status: 200, body: '<h1>Welcome</h1>' }],
      ['a proxy refuses it', { status: 400, body: '<h1>Bad request</h1>' }],
      ['a proxy wants credentials', { status: 401 }],
      ['a firewall forbids it', { status: 403, body: '{"error":"invalid_request"}' }],
      ['it is redirected', { status: 302, headers: { location: '/page' } }],
    ])('stays logged in, fails clearly and recovers: %s', async (_, fault) => {
      const tab = await logIn();
      fixture.front.fault = fault;
      await expire(tab);
      expect(await tab.fetch('/orders')).toBe('unavailable');
      // If only its response is lost, the log-out has happened.
      if (fault !== 'lost response') await expect(tab.logOut()).rejects.toThrow('unavailable');
      fixture.front.fault = 'none';
      await fixture.passGracePeriods();
      await tab.page.clock.fastForward(30_000);
      expect(await tab.fetch('/orders')).toBe(200);
      expect((await tab.changes()).slice(1)).toEqual([await userId(tab)]);
    });
  });

  describe('when a service rejects a token', () => {
    const REJECTED = {
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    };
    /** The service's faults only; auth answers. */
    const atOrders = (fault: Fault) => {
      fixture.front.faultAt = (path) => (path === '/orders' ? fault : 'none');
    };

    it.each<[string, object, Fault]>([
      ['with a body of text', { method: 'POST', body: 'text' }, REJECTED],
      ['with a body of bytes', { method: 'POST', body: { 0: 1 } }, REJECTED],
      ['without a body', {}, REJECTED],
      ['if the service gives no reason', {}, { status: 401 }],
    ])('refreshes once and repeats the request once, %s', async (_, init, fault) => {
      const tab = await logIn();
      atOrders(fault);
      expect(await tab.fetch('/orders', init)).toBe(401);
      expect(fixture.front.paths).toEqual(['/orders', '/oauth/token', '/orders']);
    });

    it.each<[string, Fault]>([
      ['503', { status: 503 }],
      ['403', { status: 403 }],
      ['a 401 for another reason', { status: 401, headers: { 'www-authenticate': 'DPoP' } }],
    ])('leaves the session alone: %s', async (_, fault) => {
      const tab = await logIn();
      atOrders(fault);
      expect(await tab.fetch('/orders')).toBe(typeof fault === 'object' ? fault.status : 0);
      expect(fixture.front.paths).toEqual(['/orders']);
    });

    it('does not repeat a stream', async () => {
      const tab = await logIn();
      atOrders(REJECTED);
      const status = await tab.page.evaluate(`session.fetch('/orders', {
        method: 'POST', duplex: 'half', body: new Blob(['x']).stream(),
      }).then(({ status }) => status, (error) => error.message)`);
      // HTTP/1.1 cannot send streams: the browser fails, after one attempt.
      expect(status).toBe('Failed to fetch');
      expect(fixture.front.paths.filter((path) => path === '/oauth/token')).toEqual([]);
    });

    it('repeats many requests after one refresh', async () => {
      const tab = await logIn();
      await expire(tab);
      const statuses = await Promise.all(Array.from({ length: 10 }, () => tab.fetch('/orders')));
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(fixture.front.takeRefreshes()).toBe(1);
    });

    it('logs out if auth says that the session is over', async () => {
      const tab = await logIn();
      await user.logOut(await tab.token());
      await waitFor(async () => (await tab.fetch('/orders')) === 'logged-out');
      expect(await tab.changes()).toEqual(['logged-out', expect.any(String), 'logged-out']);
    });
  });

  it('does not trust its clock: a token that has expired without its knowledge is replaced', async () => {
    const tab = await logIn();
    const first = await tab.token();
    await tab.page.clock.setSystemTime(Date.now() - 100 * HOUR);
    expect(await tab.token()).toBe(first);
    await tab.page.clock.setSystemTime(Date.now() + 100 * HOUR);
    expect(await tab.token()).not.toBe(first);
    expect(fixture.front.takeRefreshes()).toBe(1);
  });

  it('tells a tab of another user, and does nothing in their name for the first one', async () => {
    const tab = await logIn();
    const second = await fixture.open(tab.page.context());
    const other = await fixture.register();
    const [first] = [await userId(tab)];
    await second.reaches(String(first));
    fixture.front.fault = 'lost request';
    await expire(tab);
    const waiting = tab.fetch('/orders', { method: 'POST', body: 'an order of the first user' });
    expect(await waiting).toBe('unavailable');
    fixture.front.fault = 'none';
    await second.logIn(other.username, other.password);
    await tab.reaches(String(await userId(second)));
    expect(await userId(tab)).not.toBe(first);
    expect(await tab.fetch('/orders')).toBe(200);
  });

  it.each([
    ['The later cookie stays, and all tabs follow it.', false],
    ['After a log-out, that refresh is cancelled.', true],
  ])('lets somebody else log in while another tab refreshes. %s', async (_, afterLogOut) => {
    const { front } = fixture;
    const tab = await logIn();
    const second = await fixture.open(tab.page.context());
    const first = String(await userId(tab));
    await second.reaches(first);
    const other = await fixture.register();
    await front.idle();
    const resume = () => tab.page.evaluate(`void document.dispatchEvent(new Event('resume'))`);
    const release = await front.holdBack('/oauth/token', resume);
    if (afterLogOut) await second.logOut();
    await second.logIn(other.username, other.password);
    const last = afterLogOut ? String(await userId(second)) : first;
    expect(await userId(second)).not.toBe(first);
    release();
    for (const each of [tab, second]) await each.reaches(last);
    await front.idle();
    await second.page.reload();
    await second.reaches(last);
    expect(await userId(tab)).toBe(last);
  });

  it('learns from its next refresh that it is logged out, if the response was lost', async () => {
    const tab = await logIn();
    fixture.front.fault = 'lost response';
    await expect(tab.logOut()).rejects.toThrow('unavailable');
    expect(await tab.state()).not.toBe('logged-out');
    fixture.front.fault = 'none';
    await expire(tab);
    await tab.reaches('logged-out');
  });

  it('sends the token to named origins only, and not after a redirect to another one', async () => {
    const seen: (string | undefined)[] = [];
    const stranger = createServer(({ headers }, response) => {
      seen.push(headers.authorization);
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', '*');
      response.end();
    }).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const tab = await logIn();
    for (const target of [url, url.replace('127.0.0.1', 'LOCALHOST'), 'data:,x'])
      expect(await tab.fetch(target)).toBe('origin-not-allowed');
    expect(seen).toEqual([]);
    expect(await tab.fetch(`/elsewhere?to=${url}`)).toBe(200);
    expect(seen.filter((header) => header !== undefined)).toEqual([]);
    expect(seen.length).toBeGreaterThan(0);
    stranger.close();
  });

  it('works on another origin of the same site, if auth lists it', async () => {
    const context = await fixture.person();
    const { origin } = fixture.front;
    const url = `${fixture.neighbour.origin}/page?auth=${origin}`;
    const tab = await fixture.open(context, '', url);
    await tab.logIn(user.username, user.password);
    expect(await tab.fetch(`${origin}/orders`)).toBe(200);
    await tab.page.reload();
    expect(await tab.fetch(`${origin}/orders`)).toBe(200);
    await tab.logOut({ everywhere: true });
    await tab.page.reload();
    await tab.reaches('logged-out');
  });

  it('asks auth when it comes back from the back/forward cache', async () => {
    const tab = await logIn();
    const other = await fixture.open(tab.page.context());
    const leave = (type: string) =>
      tab.page.evaluate(`dispatchEvent(new PageTransitionEvent('${type}', { persisted: true }))`);
    await leave('pagehide');
    await other.logOut();
    expect(await tab.state()).not.toBe('logged-out');
    await leave('pageshow');
    await tab.reaches('logged-out');
  });

  it('stops when it is closed', async () => {
    const tab = await logIn();
    await tab.page.evaluate('session.close()');
    expect(await tab.fetch('/orders')).toBe('closed');
    await expect(tab.logIn(user.username, user.password)).rejects.toThrow('closed');
    await expire(tab);
    expect(fixture.front.paths).toEqual([]);
  });

  it('runs the example of its README, and the example page', async () => {
    const context = await fixture.person();
    const page = await context.newPage();
    const { origin } = fixture.front;
    const source = new Readme('browser').example({
      'https://auth.example.com': origin,
      'https://orders.example.com': origin,
      '@latchkey/browser': '/library/dist/index.js',
    });
    await page.goto(`${origin}/page`);
    const fill = async () => {
      await page.fill('[name=username]', user.username);
      await page.fill('[name=password]', user.password);
      await page.click('form button');
    };
    await page.setContent(
      `<form><input name="username"><input name="password"><button>Go</button></form><output></output>
       <script type="module">${source}</script>`,
    );
    await fill();
    await page.waitForSelector('output:text("200")');
    expect(await page.title()).toBe('logged-in');

    const [one, two] = [page, await context.newPage()];
    for (const each of [one, two]) await each.goto(`${origin}/library/examples/index.html`);
    await one.click('#show');
    await one.waitForSelector('pre:text("200 ")');
    await two.click('#log-out');
    await one.waitForSelector('[role=status]:text("Logged out")');
    await fill();
    await two.waitForSelector('[role=status]:text("Logged in as")');
  });
});
