import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { joinedPage } from '../src/pages/joined-page.js';
import { makeRun } from './run-fixture.js';
import { PAGED_EXPERIMENTS } from '../src/experiments.js';

const NAMES = PAGED_EXPERIMENTS.map(({ name }) => name);

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };

/** Opens the page as a reader does: from a file, in a real browser. */
describe('the page that joins all experiments', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-page-'));
  const file = join(folder, 'index.html');
  const requests: string[] = [];
  const complaints: string[] = [];
  let browser: TestBrowser;
  let page: Page;

  beforeAll(async () => {
    const runs = NAMES.map((name) => ({ run: makeRun(name), file: `${name}-1.json` }));
    writeFileSync(file, joinedPage(runs));
    browser = await startTestBrowser();
    page = await (await browser.newContext()).newPage();
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.setViewportSize(WIDE);
    await page.goto(pathToFileURL(file).href);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('requests nothing but itself, and causes no browser errors', () => {
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(file).href]);
    expect(complaints).toEqual([]);
  });

  it.each(NAMES)('has a section with findings and figures: %s', async (name) => {
    const section = page.locator(`section#${name}`);
    expect(await section.locator('h2').textContent()).toBeTruthy();
    expect(await section.locator('.findings > li').count()).toBeGreaterThan(1);
    expect(await section.locator('figure').count()).toBeGreaterThan(0);
  });

  it('links to each section', async () => {
    const links = await page.locator('nav a[href^="#"]').all();
    const targets = await Promise.all(
      links.map(async (link) => (await link.getAttribute('href'))?.slice(1)),
    );
    expect(targets).toEqual([...NAMES, 'words']);
    for (const id of targets) expect(await page.locator(`[id="${id}"]`).count()).toBe(1);
  });

  it('gives every figure a name, every chart a text alternative, and both a table', async () => {
    const figures = await page.getByRole('figure').all();
    expect(figures).toHaveLength(await page.locator('figure').count());
    for (const figure of figures) {
      const caption = await figure.getAttribute('aria-labelledby');
      expect(await page.locator(`[id="${caption}"]`).textContent()).toMatch(/\w{3}/);
      const charts = await figure.locator('[role=img]').all();
      expect(charts.length).toBeGreaterThan(0);
      for (const chart of charts) {
        expect(await chart.getAttribute('aria-label')).toMatch(/\w{3}/);
        expect(await chart.locator('svg path').count()).toBeGreaterThan(0);
      }
      expect(await figure.locator('details table tbody tr').count()).toBeGreaterThan(0);
    }
  });

  it('contains no undefined values', async () => {
    expect(await page.locator('body').innerText()).not.toMatch(/undefined|NaN|Infinity|\[object/);
  });

  it('fits on a phone with all tables open and readable text', async () => {
    await page.setViewportSize(NARROW);
    await page.evaluate(
      `document.querySelectorAll('details').forEach((details) => { details.open = true; })`,
    );
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(NARROW.width);
    const letters = await page.evaluate<number[]>(
      `[...document.querySelectorAll('svg text')]
        .map((text) => text.getBoundingClientRect().height)
        .filter((height) => height > 0)`,
    );
    expect(letters.length).toBeGreaterThan(100);
    expect(Math.min(...letters)).toBeGreaterThanOrEqual(11);
  });
});
