import { AuthClient, type Account, type LatchkeyStack } from '@latchkey/local-stack';
import type { TestBrowser } from '@latchkey/testing/browser';
import { randomUUID } from 'node:crypto';
import { startStack, type RunningStack } from '../../src/running-stack.js';
import { CONSOLE_DIRECTORY } from '../../src/shared-stack.js';
import { SessionPage } from './session-page.js';

export const PASSWORD = 'correct horse battery';

/** An auth service of its own, whose keys a test may revoke, and its administrator in front of a browser. */
export class AdminFixture {
  #token = '';

  private constructor(
    private readonly running: RunningStack,
    readonly admin: SessionPage,
  ) {}

  static async start(browser: TestBrowser): Promise<AdminFixture> {
    const running = await startStack({
      startedReplicas: [],
      publishAheadSeconds: 1,
      env: { auth: { CONSOLE_DIRECTORY, ROLES: '{"support":["payments:admin"]}' } },
    });
    const admin = await SessionPage.open(browser, running.stack.issuer, '/admin');
    return new AdminFixture(running, admin);
  }

  get stack(): LatchkeyStack {
    return this.running.stack;
  }

  get auth(): AuthClient {
    return new AuthClient(this.stack.issuer);
  }

  get account(): Account {
    const { name: username, secret: password } = this.stack.admin;
    return { username, password };
  }

  /** Asks auth, as the administrator. The token is renewed when its session or key was revoked. */
  async ask<Body = Record<string, unknown>>(path: string, method = 'GET', json?: unknown) {
    const send = () =>
      this.auth.send(method, path, { token: this.#token, ...(json !== undefined && { json }) });
    let answer = await send();
    if (answer.status === 401) {
      this.#token = (await this.auth.logIn(this.account)).access_token;
      answer = await send();
    }
    return { status: answer.status, body: answer.body as Body };
  }

  async newUser(prefix = 'user'): Promise<Account> {
    const account = { username: `${prefix}-${randomUUID()}`, password: PASSWORD };
    await this.auth.register(account);
    return account;
  }

  async logInStatus(account: Account): Promise<number> {
    return (await this.auth.send('POST', '/login', { json: account })).status;
  }

  /** The status of a token request of a client with its secret. */
  async clientStatus(name: string, secret: string): Promise<number> {
    const form = { grant_type: 'client_credentials', client_id: name, client_secret: secret };
    return (await this.auth.requestToken({ ...form, resource: 'orders' })).status;
  }

  async close(): Promise<void> {
    await this.admin.visit.close();
    await this.running.close();
  }
}
