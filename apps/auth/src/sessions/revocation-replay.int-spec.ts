import { jest } from '@jest/globals';
import { ProcessGroup } from '@latchkey/local-stack';
import { Sessions } from '@latchkey/sessions';
import {
  RewindablePostgres,
  startTestNats,
  startTestRedis,
  waitFor,
  type TestNats,
  type TestRedis,
} from '@latchkey/testing';
import { createClient } from '@redis/client';
import { AuthReplica, type Answer } from '../../test/auth-fixture.js';
import {
  LOCAL_ISSUER,
  logInWithCookie,
  sessionCookieOf,
  withSessionCookie,
} from '../../test/session-fixture.js';
import { SessionRecord } from './session-record.js';

jest.setTimeout(120_000);

const UNPUBLISHED = 'SELECT FROM revocations WHERE published_at IS NULL';

interface CookieSession {
  readonly cookie: string;
  readonly sid: string;
}

describe('recovery of lost revocations while the session store is unavailable', () => {
  const processes = new ProcessGroup();
  let postgres: RewindablePostgres;
  let databaseUrl: string;
  let nats: TestNats;
  let redis: TestRedis;
  let auth: AuthReplica;

  const startAuth = () =>
    AuthReplica.start({
      databaseUrl,
      nats: nats.credentials('auth'),
      env: { ISSUER: LOCAL_ISSUER, SESSION_STORE_URL: redis.url },
    });
  const logInByCookie = async (): Promise<CookieSession> => {
    const username = await auth.register();
    const answer = await waitFor(async () => {
      const given = await logInWithCookie(auth, username);
      return given.status === 200 && given;
    });
    return { cookie: sessionCookieOf(answer), sid: answer.body['sid'] as string };
  };
  const statusOf = async (cookie: string) =>
    (await auth.send('GET', '/session', withSessionCookie(cookie))).status;
  /** Restores an ended cookie, as a session store restored from a backup does. */
  const bringBack = async ({ sid }: CookieSession) => {
    const { app } = auth.service;
    const { id, userId: subject } = (await app.get(SessionRecord).find(sid))!;
    const session = { id, subject, clientId: 'latchkey-web', scopes: [], authenticatedAt: 1 };
    return (await app.get(Sessions).start(session)).credential;
  };
  /** Postgres is slow after a backup, so the relay may not publish within the time of a request. */
  const everythingIsPublished = () =>
    waitFor(async () => (await auth.sql(UNPUBLISHED)).length === 0, { timeoutMs: 20_000 });
  const logOut = async (token: string) => (await auth.post('/logout', { token })).status;

  beforeEach(async () => {
    [postgres, nats, redis] = await Promise.all([
      RewindablePostgres.start(processes),
      startTestNats(),
      startTestRedis(),
    ]);
    databaseUrl = await postgres.createDatabase('auth');
    auth = await startAuth();
  });
  afterEach(async () => {
    await auth.close();
    await Promise.all([nats.close(), postgres.close(), redis.close()]);
  });
  afterAll(() => processes.close());

  const admin = (path: string) =>
    waitFor(async () => auth.post(path, { token: await auth.adminToken() }));
  it.each<[string, (ended: CookieSession) => Promise<Answer>, { others: number }]>([
    [
      'a session',
      ({ cookie }) => auth.send('DELETE', '/session', withSessionCookie(cookie)),
      { others: 200 },
    ],
    [
      'all sessions of a user',
      ({ cookie }) => auth.post('/logout/everywhere', withSessionCookie(cookie)),
      { others: 200 },
    ],
    [
      'all sessions of a client',
      () => admin('/admin/clients/latchkey-web/revoke'),
      { others: 401 },
    ],
  ])(
    'ends %s at once, and the cookies once the store is back, even after a crash',
    async (_, end, { others }) => {
      const ended = await logInByCookie();
      const other = await logInByCookie();
      const ada = await auth.logIn(await auth.register());
      await postgres.backUp();
      await waitFor(async () => (await logOut(ada.access_token)) === 204, { what: 'a log-out' });
      expect([202, 204]).toContain((await end(ended)).status);
      await everythingIsPublished();
      const cookie = await bringBack(ended);
      expect(await statusOf(cookie)).toBe(200);

      await redis.kill();
      await postgres.restore();
      await waitFor(() => auth.log.text.includes('has gone backward'), {
        what: 'the recovery of the database',
        timeoutMs: 30_000,
      });
      expect((await auth.refresh(ada.refresh_token)).status).toBe(400);
      const grace = await auth.logIn(await auth.register());
      await waitFor(async () => (await logOut(grace.access_token)) === 204, { what: 'a log-out' });

      await auth.close();
      auth = await startAuth();
      await redis.restart();
      await waitFor(async () => (await statusOf(cookie)) === 401, {
        what: 'the end of the cookie',
      });
      await waitFor(async () => (await statusOf(other.cookie)) === others, { what: 'the others' });
      const next = await logInByCookie();
      expect(await statusOf(next.cookie)).toBe(200);
    },
  );

  it('ends the cookies of a user although those of another cannot be read', async () => {
    const unreadable = await logInByCookie();
    const other = await logInByCookie();
    const cookies: string[] = [];
    for (const ended of [unreadable, other]) {
      const request = withSessionCookie(ended.cookie);
      expect((await auth.send('DELETE', '/session', request)).status).toBe(204);
      cookies.push(await bringBack(ended));
    }
    const client = await createClient({ url: redis.url }).connect();
    await client.set(`latchkey:session:${unreadable.sid}`, 'not a session');
    await client.close();
    expect(await statusOf(cookies[1]!)).toBe(200);

    await auth.sql(
      'INSERT INTO cookies_to_end (user_id) SELECT user_id FROM sessions WHERE id = ANY ($1)',
      [[unreadable.sid, other.sid]],
    );
    await waitFor(async () => (await statusOf(cookies[1]!)) === 401);
    await waitFor(() => auth.log.text.includes('could not end the cookies of ended sessions'));
  });
});
