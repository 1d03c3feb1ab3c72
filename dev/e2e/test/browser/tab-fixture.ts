import { waitFor } from '@latchkey/testing';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';

/** The part of the library's API that tests call in a page. */
interface PageGlobals {
  readonly session: {
    readonly state: { readonly status: string };
    logIn(username: string, password: string): Promise<void>;
    logOut(options?: { everywhere?: boolean }): Promise<{ readonly published: boolean }>;
    fetch(url: string, init?: object): Promise<{ readonly status: number }>;
    token(): Promise<string>;
  };
  readonly changes: string[];
}

/** A tab with a page of the front. */
export class Tab {
  #devTools: CDPSession | undefined;

  private constructor(readonly page: Page) {}

  static async open(context: BrowserContext, url: string): Promise<Tab> {
    const page = await context.newPage();
    await page.goto(url);
    return new Tab(page);
  }

  /** The user's id, `logged-out` or `starting`. */
  async state(): Promise<string> {
    return this.page.evaluate(() => {
      const { session, changes } = globalThis as unknown as PageGlobals;
      return changes.at(-1) ?? session.state.status;
    });
  }

  /** Every state since the page was loaded. */
  async changes(): Promise<string[]> {
    return this.page.evaluate(() => (globalThis as unknown as PageGlobals).changes);
  }

  async logIn(username: string, password: string): Promise<void> {
    await this.page.evaluate(
      ([name, secret]) => (globalThis as unknown as PageGlobals).session.logIn(name, secret),
      [username, password] as const,
    );
  }

  /** @returns whether auth says that services know of it */
  async logOut(options?: { everywhere?: boolean }): Promise<boolean> {
    const { published } = await this.page.evaluate(
      (given) => (globalThis as unknown as PageGlobals).session.logOut(given),
      options,
    );
    return published;
  }

  async token(): Promise<string> {
    return this.page.evaluate(() => (globalThis as unknown as PageGlobals).session.token());
  }

  /** Sends a request. @returns the status, or the code of the error */
  async fetch(url: string, init: object = {}): Promise<number | string> {
    return this.page.evaluate(
      async ([address, options]) => {
        const { session } = globalThis as unknown as PageGlobals;
        try {
          return (await session.fetch(address, options)).status;
        } catch (error) {
          return (error as { code?: string }).code ?? String(error);
        }
      },
      [url, init] as const,
    );
  }

  /** Resolves when the tab is in a state. */
  async reaches(state: string): Promise<void> {
    await waitFor(async () => (await this.state()) === state);
  }

  async freeze(): Promise<void> {
    await this.#setLifecycle('frozen');
  }

  async thaw(): Promise<void> {
    await this.#setLifecycle('active');
  }

  async #setLifecycle(state: 'frozen' | 'active'): Promise<void> {
    this.#devTools ??= await this.page.context().newCDPSession(this.page);
    await this.#devTools.send('Page.setWebLifecycleState', { state });
  }
}
