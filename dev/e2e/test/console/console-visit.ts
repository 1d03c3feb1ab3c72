import type { TestBrowser } from '@latchkey/testing/browser';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContext, BrowserContextOptions, Page, Request } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const TIMEOUT_MILLISECONDS = 10_000;
/** More than any page has elements that can have the focus. */
const MAX_PRESSES = 80;

/** Records, from before the first script of the page, what it would not tell otherwise. */
const RECORDER = `
  window.violations = [];
  window.layoutShift = 0;
  document.addEventListener('securitypolicyviolation', (event) =>
    window.violations.push(event.violatedDirective + ' ' + event.blockedURI));
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if (!entry.hadRecentInput) window.layoutShift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });`;

/** The console in a browser, with everything that it sends and complains about. */
export class ConsoleVisit {
  readonly requests: Request[] = [];
  /** Errors of scripts, and what Chromium prints as an error. */
  readonly errors: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.setDefaultTimeout(TIMEOUT_MILLISECONDS);
    page.on('request', (request) => this.requests.push(request));
    page.on('pageerror', ({ message }) => this.errors.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  /** Opens a page of its own, with its own storage. */
  static async open(
    browser: TestBrowser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<ConsoleVisit> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      ...options,
    });
    await context.addInitScript(RECORDER);
    const visit = new ConsoleVisit(context, await context.newPage());
    await visit.page.goto(url);
    await visit.page.waitForSelector('h1');
    return visit;
  }

  /** What broke the Content-Security-Policy. */
  violations(): Promise<string[]> {
    return this.page.evaluate('window.violations');
  }

  /** How far the content has moved without the user's doing (Cumulative Layout Shift). */
  layoutShift(): Promise<number> {
    return this.page.evaluate('window.layoutShift');
  }

  /** What axe finds serious or critical (WCAG 2.2 AA and best practices). */
  async accessibilityFaults(): Promise<string[]> {
    await this.page.evaluate(AXE);
    return this.page.evaluate(`axe.run().then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, any }) =>
        [id, html.slice(0, 200), any[0]?.message].join(' | '))))`);
  }

  /** How far the page is wider than the window, in pixels. */
  overflow(): Promise<number> {
    return this.page.evaluate('document.body.scrollWidth - document.body.clientWidth');
  }

  /** The label or the text of the element with the focus. */
  focused(): Promise<string> {
    return this.page.evaluate(
      '(document.activeElement.ariaLabel ?? document.activeElement.textContent).trim()',
    );
  }

  /**
   * Presses the tabulator until an element has the focus.
   *
   * @param passed what had it before
   * @returns what had it, this one included
   * @throws Error if the keyboard does not reach it
   */
  async tabTo(name: string, passed = new Set<string>()): Promise<Set<string>> {
    for (let presses = 0; !passed.has(name); presses++) {
      if (presses === MAX_PRESSES) throw new Error(`no ${name} among ${[...passed].join(', ')}`);
      await this.page.keyboard.press('Tab');
      passed.add(await this.focused());
    }
    return passed;
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
