import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { TestUser } from '@latchkey/testing';
import pg from 'pg';
import type { BrowserContext } from 'playwright-core';
import { startStack, type RunningStack } from '../../src/running-stack.js';
import { Front } from './front-fixture.js';
import { Tab } from './tab-fixture.js';

/** A browser, and auth and the orders service behind one origin. */
export class BrowserFixture {
  readonly #contexts: BrowserContext[] = [];

  private constructor(
    readonly front: Front,
    readonly neighbour: Front,
    readonly running: RunningStack,
    readonly browser: TestBrowser,
    readonly database: pg.Client,
  ) {}

  static async start(): Promise<BrowserFixture> {
    const [front, neighbour] = [await Front.start(), await Front.start()];
    const running = await startStack({
      startedReplicas: ['orders-1'],
      env: {
        all: {
          ISSUER: front.origin,
          CORS_ORIGINS: neighbour.origin,
          SESSION_ORIGINS: neighbour.origin,
        },
      },
      // The services fetch keys from auth directly, because the front can be cut.
      route: (_, url) => url,
    });
    const { replicas, postgres } = running.stack;
    front.serviceAt = (path) => replicas[path === '/orders' ? 'orders-1' : 'auth'].url;
    const database = new pg.Client({ connectionString: postgres.url('auth') });
    await database.connect();
    return new BrowserFixture(front, neighbour, running, await startTestBrowser(), database);
  }

  /** The URL of auth, without the front. */
  get authUrl(): string {
    return this.running.stack.replicas.auth.url;
  }

  register(): Promise<TestUser> {
    return TestUser.register(this.authUrl);
  }

  /** A person with a browser of their own. */
  async person(): Promise<BrowserContext> {
    const context = await this.browser.newContext();
    this.#contexts.push(context);
    return context;
  }

  /** Opens a page of the front, or of another origin. */
  open(context: BrowserContext, query = '', url = `${this.front.origin}/page`): Promise<Tab> {
    return Tab.open(context, url + query);
  }

  /** Lets the grace period of all refresh tokens pass. */
  async passGracePeriods(): Promise<void> {
    await this.database.query(
      `UPDATE refresh_tokens SET created_at = created_at - interval '1 day', used_at = used_at - interval '1 day'`,
    );
  }

  async closePersons(): Promise<void> {
    this.front.fault = 'none';
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.database.end();
    await Promise.all([this.front.close(), this.neighbour.close()]);
    await this.running.close();
  }
}

/** A claim of an access token. */
export const claimOf = (token: string, name: string): unknown =>
  (
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >
  )[name];
