import { startTestRedis, waitFor } from '@latchkey/testing';
import { PASSWORD, type Answer, type AuthReplica, type Sent } from './auth-fixture.js';
import { AuthTestbed, type TestbedOptions } from './auth-testbed.js';

/** An issuer on localhost, where browsers send cookies without TLS. */
export const LOCAL_ISSUER = 'http://localhost:4000';
export const SESSION_COOKIE = 'session-development';
export const SAME_ORIGIN = { origin: LOCAL_ISSUER };
export const CROSS_ORIGIN = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };

export interface SessionStoreServer {
  readonly url: string;
  close(): Promise<unknown>;
}

/** Runs auth with cookie sessions for the tests of the surrounding `describe` block. */
export function useAuthWithSessions<Store extends SessionStoreServer>(
  { env, ...options }: TestbedOptions,
  startStore: () => Promise<Store>,
): AuthTestbed & { readonly store: Store } {
  const testbed = new SessionTestbed<Store>({ ...options, env: { ISSUER: LOCAL_ISSUER, ...env } });
  beforeAll(() => testbed.startWith(startStore));
  afterAll(() => testbed.close());
  return testbed;
}

/** {@link useAuthWithSessions} with the sessions in Redis. */
export const useAuthWithRedis = (options: TestbedOptions = {}) =>
  useAuthWithSessions(options, startTestRedis);

class SessionTestbed<Store extends SessionStoreServer> extends AuthTestbed {
  #store: Store | undefined;

  get store(): Store {
    if (!this.#store) throw new Error('The testbed is not running');
    return this.#store;
  }

  async startWith(startStore: () => Promise<Store>): Promise<void> {
    this.#store = await startStore();
    await this.start({ SESSION_STORE_URL: this.#store.url });
    for (const replica of this.replicas)
      await waitFor(async () => (await replica.check('session_store'))?.ready);
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#store?.close();
  }
}

/** The value of the session cookie that an answer sets: '' if it sets none. */
export const sessionCookieOf = ({ headers }: Pick<Answer, 'headers'>): string =>
  new RegExp(`^${SESSION_COOKIE}=([^;]*)`).exec(headers.getSetCookie()[0] ?? '')?.[1] ?? '';

/** A request with the cookie from a page of the issuer. */
export const withSessionCookie = (value: string, more: Record<string, string> = {}): Sent => ({
  headers: { cookie: `${SESSION_COOKIE}=${value}`, ...SAME_ORIGIN, ...more },
});

export const logInWithCookie = (auth: AuthReplica, username: string): Promise<Answer> =>
  auth.post('/session/login', { json: { username, password: PASSWORD } });

/** Whether a replica accepts the cookie. */
export const cookieWorks = async (auth: AuthReplica, value: string): Promise<boolean> =>
  (await auth.send('GET', '/session', withSessionCookie(value))).status === 200;
