import type { LatchkeyStack } from '@latchkey/local-stack';
import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ConsoleVisit } from './console-visit.js';
import { CONSOLE_DIRECTORY, sharedStack } from '../../src/shared-stack.js';

const MAX_FIRST_LOAD_BYTES = 250_000;
const PAGES = ['', '#/live', '#/account', '#/admin'];
const THEMES = ['light', 'dark'] as const;
const WIDTHS = [1280, 390];

describe('the console', () => {
  let stack: LatchkeyStack;
  let browser: TestBrowser;
  let visit: ConsoleVisit;

  beforeAll(async () => {
    [browser, stack] = await Promise.all([startTestBrowser(), sharedStack()]);
  });
  afterAll(() => browser?.close());
  afterEach(() => visit?.close());

  const open = async (path = '/console/', options = {}) =>
    (visit = await ConsoleVisit.open(browser, stack.issuer + path, options));
  const example = (name: string) => visit.page.getByRole('button', { name, exact: true }).click();
  const verdict = () => visit.page.locator('[data-verdict]').getAttribute('data-verdict');

  it('is where auth sends a browser; it obeys its policy, and loads nothing from elsewhere', async () => {
    const { page, requests } = await open('/');
    expect(page.url()).toBe(`${stack.issuer}/console/#/decode`);
    expect(await page.title()).toBe('Decode · Latchkey');
    await example('A valid token');
    await page.locator('[data-verdict=valid]').waitFor();
    expect(requests.map((request) => request.url())).not.toHaveLength(0);
    for (const request of requests)
      expect(new URL(request.url()).origin).toBe(new URL(stack.issuer).origin);
    expect(await visit.violations()).toEqual([]);
    expect(visit.errors).toEqual([]);
  });

  it.each(PAGES)('loads at most 250 kB, and stands still: %s', async (path) => {
    const { page, requests } = await open(`/console/${path}`);
    await page.waitForLoadState('networkidle');
    expect(await visit.layoutShift()).toBeLessThan(0.01);
    // The page also asks auth, for example whether somebody is logged in; that is not part of its code.
    const files = requests.map((each) => each.url()).filter((url) => url.includes('/console/'));
    const sizes = await Promise.all(
      files.map(async (url) => {
        const { headers, ok } = await fetch(url, {
          headers: { 'accept-encoding': 'gzip' },
        });
        expect(ok).toBe(true);
        return Number(headers.get('content-length'));
      }),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(50_000); // the scripts are among them
    expect(total).toBeLessThanOrEqual(MAX_FIRST_LOAD_BYTES);
  });

  describe.each(THEMES)('in the %s scheme', (colorScheme) => {
    it.each(WIDTHS)('is accessible, fits and stands still at %d pixels', async (width) => {
      const { page } = await open('/console/', { colorScheme, viewport: { width, height: 844 } });
      const faults = async () => [await visit.accessibilityFaults(), await visit.overflow()];
      expect(await visit.layoutShift()).toBeLessThan(0.01);
      expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe(
        colorScheme,
      );
      expect(await faults()).toEqual([[], 0]);
      for (const name of [
        'A valid token',
        'An unsigned one',
        'A broken one',
        'One inside another',
      ]) {
        await example(name);
        await page.locator('[data-verdict]').waitFor();
        await page.getByRole('button', { name: 'Show why each matters' }).click();
        await page.locator('details').evaluateAll((all) => {
          for (const details of all) (details as unknown as { open: boolean }).open = true;
        });
        expect({ name, faults: await faults() }).toEqual({ name, faults: [[], 0] });
        await page.getByRole('button', { name: 'Clear' }).click();
      }
      await page.getByRole('button', { name: 'Make one' }).click();
      expect(await faults()).toEqual([[], 0]);
      await page.goto(`${stack.issuer}/console/#/nowhere`);
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
      expect(await faults()).toEqual([[], 0]);
    });
  });

  it('can be used with the keyboard alone', async () => {
    const { page } = await open();
    const focused = () => visit.focused();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Make one');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Token');
    const reached = new Set<string>();
    for (let press = 0; press < 30; press++) {
      await page.keyboard.press('Tab');
      reached.add(await focused());
    }
    for (const name of ['Latchkey', 'Decode', 'Expected', 'A valid token', 'One inside another'])
      expect(reached).toContain(name);
  });

  it('remembers the colour scheme, and nothing else', async () => {
    const { page, context } = await open();
    await page.getByText('Dark').locator('..').click();
    const scheme = () => page.locator('html').getAttribute('data-mantine-color-scheme');
    expect(await scheme()).toBe('dark');
    await page.reload({ waitUntil: 'commit' });
    await page.waitForSelector('html[data-mantine-color-scheme=dark]', { state: 'attached' });
    expect(await page.evaluate('Object.keys({ ...localStorage, ...sessionStorage })')).toEqual([
      'mantine-color-scheme-value',
    ]);
    expect(await context.cookies()).toEqual([]);
  });

  it('moves the focus and the title to a page that is opened', async () => {
    const { page } = await open('/console/#/nowhere');
    expect(await page.title()).toBe('There is no such page · Latchkey');
    await page.getByRole('link', { name: 'Go to the decoder' }).click();
    await page.getByRole('heading', { name: 'Decode and validate a token' }).waitFor();
    expect(await page.title()).toBe('Decode · Latchkey');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
    await page.goBack();
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });

  it('says what failed in place of a page, and the others go on', async () => {
    const { page, context } = await open();
    // A release has removed the file that the page which is open would load.
    await context.route('**/assets/account-page-*.js', (route) => route.abort());
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('heading', { name: 'This page has failed' }).waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('account-page');
    await page.getByRole('link', { name: 'Decode' }).click();
    await page.getByRole('heading', { name: 'Decode and validate a token' }).waitFor();
  });

  it('works as files of any server, at any path', async () => {
    const server = await bareServer();
    const { port } = server.address() as AddressInfo;
    visit = await ConsoleVisit.open(browser, `http://127.0.0.1:${port}/some/folder/index.html`);
    await example('A valid token');
    await visit.page.locator('[data-verdict=valid]').waitFor();
    expect(await verdict()).toBe('valid');
    expect(await visit.page.getByText('This system').count()).toBe(0);
    await visit.page.locator('[data-revocation=foreign]').waitFor();
    server.close();
    server.closeAllConnections();
  });
});

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
};

/** Knows files and nothing else. */
async function bareServer(): Promise<Server> {
  const server = createServer(({ url = '' }, response) => {
    const file = join(
      CONSOLE_DIRECTORY,
      new URL(url, 'http://x').pathname.replace('/some/folder', ''),
    );
    if (!existsSync(file)) response.writeHead(404).end();
    else {
      response.setHeader('content-type', TYPES[file.split('.').pop() ?? ''] ?? 'text/plain');
      createReadStream(file).pipe(response);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
