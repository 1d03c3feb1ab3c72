import { waitFor, type Account } from '@latchkey/local-stack';
import type { TestBrowser } from '@latchkey/testing/browser';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { ConsoleVisit } from './console-visit.js';

const SETTLED = `!!document.querySelector('h1') && !document.querySelector('[aria-busy=true]') &&
  !document.body.textContent.includes('Loading …')`;

/** The pages of the console that need a log-in, as a user sees them. */
export class SessionPage {
  private constructor(
    readonly visit: ConsoleVisit,
    private readonly issuer: string,
    readonly page: Page,
  ) {}

  /** @param path behind the hash */
  static async open(
    browser: TestBrowser,
    issuer: string,
    path: string,
    options: BrowserContextOptions = {},
  ): Promise<SessionPage> {
    const visit = await ConsoleVisit.open(browser, `${issuer}/console/#${path}`, options);
    return new SessionPage(visit, issuer, visit.page);
  }

  /** Another tab of the same browser. */
  async newTab(path: string): Promise<SessionPage> {
    const page = await this.visit.context.newPage();
    const tab = new SessionPage(this.visit, this.issuer, page);
    await tab.goTo(path);
    return tab;
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(`${this.issuer}/console/#${path}`);
    await this.settled();
  }

  /** Waits until nothing is loading. */
  async settled(): Promise<void> {
    // `waitForFunction` would need a policy that allows `eval`.
    await waitFor(() => this.page.evaluate<boolean>(SETTLED), { what: 'the page' });
  }

  async logIn({ username, password }: Account): Promise<void> {
    await this.field('User name').fill(username);
    await this.field('Password').fill(password);
    await this.button('Log in').click();
  }

  /** Logs in, and waits for what only somebody who is logged in sees. */
  async loggedIn(account: Account): Promise<void> {
    await this.logIn(account);
    await this.button('Log in').waitFor({ state: 'detached' });
    await this.settled();
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  panel(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true });
  }

  /** Rows of the list with this name. */
  items(list: string): Locator {
    return this.page.getByRole('list', { name: list, exact: true }).getByRole('listitem');
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  /** Presses a button, and the one that does it in the dialog that asks. Resolves when the dialog is gone. */
  async confirm(opener: Locator, label: string): Promise<string> {
    await opener.click();
    const question = await this.dialog.innerText();
    await this.dialog.getByRole('button', { name: label, exact: true }).click();
    await this.dialog.waitFor({ state: 'detached' });
    return question;
  }

  /** Leaves the dialog. */
  async cancel(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Cancel' }).click();
    await this.dialog.waitFor({ state: 'detached' });
  }

  /** Waits until the page says that something was done. */
  async says(text: string | RegExp): Promise<void> {
    await this.page.getByRole('status').filter({ hasText: text }).waitFor();
  }

  problem(): Promise<string> {
    return this.page.getByRole('alert').filter({ hasText: /\S/ }).first().innerText();
  }

  /** The label or the text of the element with the focus. */
  focused(): Promise<string> {
    return this.page.evaluate(
      '(document.activeElement.ariaLabel ?? document.activeElement.textContent).trim()',
    );
  }

  /** Everything that must be fine on each page. */
  async faults(): Promise<typeof NO_FAULTS> {
    const { visit } = this;
    return {
      accessibility: await visit.accessibilityFaults(),
      overflow: await visit.overflow(),
      violations: await visit.violations(),
      moves: (await visit.layoutShift()) > 0.02,
    };
  }
}

export const NO_FAULTS = {
  accessibility: [] as string[],
  overflow: 0,
  violations: [] as string[],
  moves: false,
};
