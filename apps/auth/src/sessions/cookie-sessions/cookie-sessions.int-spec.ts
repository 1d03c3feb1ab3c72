import { startTestPostgres, startTestRedis, waitFor } from '@latchkey/testing';
import { DatabaseConnector, Housekeeper, LOGGER } from '@latchkey/service-kit';
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { claimsOf, PASSWORD, type Answer, type Sent } from '../../../test/auth-fixture.js';
import {
  cookieWorks,
  CROSS_ORIGIN,
  SESSION_COOKIE as COOKIE,
  sessionCookieOf as valueOf,
  useAuthWithSessions,
  withSessionCookie as withCookie,
  type SessionStoreServer,
} from '../../../test/session-fixture.js';
import { expiringRows } from '../../housekeeping.js';

interface StoreServer extends SessionStoreServer {
  kill(): Promise<void>;
  restart(): Promise<void>;
}

const STORES: [string, () => Promise<StoreServer>][] = [
  ['Redis', startTestRedis],
  [
    'Postgres',
    async () => {
      const postgres = await startTestPostgres();
      return { ...postgres, url: postgres.url() };
    },
  ],
];

describe.each(STORES)('cookie sessions stored in %s', (_, startStore) => {
  const testbed = useAuthWithSessions(
    { replicas: 2, env: { SESSIONS_PER_ACCOUNT: '5' } },
    startStore,
  );
  const { auth, replicas, sql } = testbed;
  const other = replicas[1]!;
  let ada: string;
  let admin: string;

  beforeAll(async () => {
    admin = await auth.adminToken();
  });
  beforeEach(async () => {
    ada = await auth.register();
  });

  const logIn = async (more: Sent = {}, json: object = {}) =>
    auth.post('/session/login', { json: { username: ada, password: PASSWORD, ...json }, ...more });
  const cookieOf = async () => valueOf(await logIn());
  const works = (value: string, replica = other) => cookieWorks(replica, value);
  const tokenOf = async (value: string) =>
    (await auth.post('/session/token', withCookie(value))).body.access_token;

  describe('POST /session/login', () => {
    it('sets a cookie out of reach of scripts and other sites, and returns no token', async () => {
      const answer = await logIn();
      expect(answer.status).toBe(200);
      const [cookie] = answer.headers.getSetCookie();
      expect(cookie).toMatch(
        /^session-development=[\w-]{36}\.[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/,
      );
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(Object.keys(answer.body).sort()).toEqual([
        'createdAt',
        'csrfToken',
        'expiresAt',
        'scope',
        'sid',
        'subject',
      ]);
      expect(answer.text).not.toContain(valueOf(answer).split('.')[1]);
      expect(await works(valueOf(answer))).toBe(true);
    });

    it('starts a new session at every log-in and ends the one it replaces', async () => {
      const first = await cookieOf();
      const second = valueOf(await logIn(withCookie(first)));
      expect(second.split('.')[0]).not.toBe(first.split('.')[0]);
      expect(await works(first)).toBe(false);
      expect(await works(second)).toBe(true);
    });

    it('does not adopt a planted session id (session fixation)', async () => {
      const planted = `${randomUUID()}.${'A'.repeat(43)}`;
      const got = valueOf(await logIn(withCookie(planted)));
      expect(got).not.toBe(planted);
      expect(await works(planted)).toBe(false);
    });

    it('answers a wrong password and an unknown name alike', async () => {
      const wrong = await logIn({}, { password: 'not the password' });
      const unknown = await logIn({}, { username: `nobody-${randomUUID()}` });
      expect([wrong.status, wrong.body.code]).toEqual([401, 'invalid_credentials']);
      expect([unknown.status, unknown.body.code]).toEqual([401, 'invalid_credentials']);
      expect(wrong.headers.getSetCookie()).toEqual([]);
    });

    it('refuses a cross-origin log-in', async () => {
      for (const headers of [
        { origin: 'https://evil.example' },
        { 'sec-fetch-site': 'cross-site' },
        { origin: 'null' },
      ])
        expect((await logIn({ headers })).body.code).toBe('cross_origin');
    });

    it.each([
      {},
      { username: 'ada' },
      { username: 'ada', password: 'x', refreshTokenDelivery: 'body' },
    ])('refuses %j', async (json) => {
      expect((await auth.post('/session/login', { json })).status).toBe(400);
    });

    it('ends the oldest session of an account over its limit', async () => {
      const cookies = [];
      for (let count = 0; count < 6; count++) cookies.push(await cookieOf());
      expect(await works(cookies[0]!)).toBe(false);
      expect(await works(cookies[1]!)).toBe(true);
    });
  });

  describe('a session and its tokens end, on every replica,', () => {
    const ends = async (how: (cookie: string, sid: string) => Promise<Answer>) => {
      const cookie = await cookieOf();
      const token = await tokenOf(cookie);
      expect(await works(cookie)).toBe(true);
      expect(await auth.honours(token)).toBe(true);
      const { status } = await how(cookie, cookie.split('.')[0]!);
      expect(status).toBeLessThan(300);
      for (const replica of replicas) expect(await works(cookie, replica)).toBe(false);
      for (const replica of replicas) expect(await replica.honours(token)).toBe(false);
    };

    it('with DELETE /session', () =>
      ends(async (cookie) => {
        const answer = await auth.send('DELETE', '/session', withCookie(cookie));
        expect(answer.status).toBe(204);
        expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
        expect(answer.headers.getSetCookie()[0]).toMatch(/^session-development=; .*Expires=/);
        return answer;
      }));

    it('with POST /logout and one of its tokens', () =>
      ends(async (cookie) => auth.post('/logout', { token: await tokenOf(cookie) })));

    it('when an administrator ends it', () =>
      ends((_cookie, sid) => auth.send('DELETE', `/admin/sessions/${sid}`, { token: admin })));

    it('with POST /logout/everywhere, by cookie or by token', async () => {
      await ends((cookie) => auth.post('/logout/everywhere', withCookie(cookie)));
      await ends(async () => {
        const { access_token: token } = await auth.logIn(ada);
        return auth.post('/logout/everywhere', { token });
      });
    });

    it('with DELETE /sessions/:sid from another session', () =>
      ends(async (_cookie, sid) => {
        const elsewhere = await cookieOf();
        return auth.send('DELETE', `/sessions/${sid}`, withCookie(elsewhere));
      }));

    it('when the password is changed in another session', () =>
      ends(async () => {
        const { access_token: token } = await auth.logIn(ada);
        const json = { currentPassword: PASSWORD, newPassword: 'another correct horse' };
        return auth.post('/password', { token, json });
      }));

    it('when the user is disabled', () =>
      ends(() => auth.post(`/admin/users/${ada}/disable`, { token: admin })));
  });

  it('end a cookie that a restored store brought back days after its session ended', async () => {
    const cookie = await cookieOf();
    const sid = cookie.split('.')[0]!;
    await sql(
      `UPDATE sessions SET ended_at = now() - interval '3 days', end_reason = 'logout',
                           created_at = now() - interval '4 days',
                           absolute_expires_at = now() + interval '26 days' WHERE id = $1`,
      [sid],
    );
    const { app } = auth.service;
    // The service's own housekeeper waits until the clock has been steady for some minutes.
    const log = app.get<Logger>(LOGGER);
    await new Housekeeper(
      app.get(DataSource),
      app.get(DatabaseConnector),
      expiringRows({ auditRetentionDays: 90 }),
      log,
    ).sweep();
    expect(await works(cookie)).toBe(true);
    const answer = await auth.send('DELETE', `/admin/sessions/${sid}`, { token: admin });
    expect(answer.status).toBe(204);
    expect(await works(cookie)).toBe(false);
  });

  it('survive a change of their own password, and get no refresh token', async () => {
    const cookie = await cookieOf();
    const json = { currentPassword: PASSWORD, newPassword: 'another correct horse' };
    const answer = await auth.post('/password', { token: await tokenOf(cookie), json });
    expect([answer.status, answer.body.refresh_token]).toEqual([200, undefined]);
    expect(await works(cookie)).toBe(true);
  });

  it('issue tokens with the sid, subject and scope of the session', async () => {
    const answer = await logIn();
    const claims = claimsOf(await tokenOf(valueOf(answer)));
    expect(claims).toMatchObject({
      sid: answer.body['sid'],
      sub: answer.body['subject'],
      scope: answer.body['scope'],
    });
  });

  it('appear in the list of sessions next to token sessions', async () => {
    const cookie = await cookieOf();
    await auth.logIn(ada);
    const listed = await auth.send('GET', '/sessions', withCookie(cookie));
    expect(listed.body.sessions).toHaveLength(2);
    const current = listed.body.sessions.filter((session) => session.current);
    expect(current.map(({ sid }) => sid)).toEqual([cookie.split('.')[0]]);
  });

  it.each([
    ['DELETE', '/session'],
    ['POST', '/session/token'],
    ['POST', '/logout/everywhere'],
  ])('refuse cross-origin requests: %s %s', async (method, path) => {
    const cookie = await cookieOf();
    const answer = await auth.send(method, path, withCookie(cookie, CROSS_ORIGIN));
    expect([answer.status, answer.body.code]).toEqual([403, 'cross_origin']);
    const silent = { headers: { cookie: `${COOKIE}=${cookie}` } };
    expect((await auth.send(method, path, silent)).body.code).toBe('csrf_token_missing');
    expect(await works(cookie)).toBe(true);
  });

  it.each(['x', 'x.y', '.'])(
    'ignore a malformed cookie at POST /logout/everywhere: %s',
    async (cookie) => {
      const { access_token: token } = await auth.logIn(ada);
      const answer = await auth.post('/logout/everywhere', { token, ...withCookie(cookie) });
      expect(answer.status).toBe(204);
      expect(answer.headers.getSetCookie()).toEqual([]);
    },
  );

  it('accept the CSRF token that GET /session returns', async () => {
    const cookie = await cookieOf();
    const { body } = await auth.send('GET', '/session', withCookie(cookie));
    const headers = { cookie: `${COOKIE}=${cookie}`, 'x-csrf-token': String(body['csrfToken']) };
    expect((await auth.send('DELETE', '/session', { headers })).status).toBe(204);
  });

  it('never log the cookie', async () => {
    const cookie = await cookieOf();
    await auth.send('GET', '/session', withCookie(cookie));
    for (const replica of replicas) expect(replica.log.text).not.toContain(cookie.split('.')[1]);
  });

  it('answer 503 until the store is back, without affecting token sessions', async () => {
    const cookie = await cookieOf();
    const token = await tokenOf(cookie);
    await testbed.store.kill();
    const answers = [
      await auth.send('GET', '/session', withCookie(cookie)),
      await logIn(),
      await auth.send('DELETE', '/session', withCookie(cookie)),
      await auth.post('/logout', { token }),
      await auth.post('/logout/everywhere', { token }),
    ];
    for (const { status, body, headers } of answers) {
      expect([status, body.code]).toEqual([503, 'session_store_unavailable']);
      expect(headers.get('retry-after')).toBe('1');
    }
    expect(await auth.isReady()).toBe(true);
    const grace = await auth.logIn(await auth.register());
    expect((await auth.post('/logout', { token: grace.access_token })).status).toBe(204);
    await testbed.store.restart();
    await waitFor(() => works(cookie));
    await waitFor(() => works(cookie, auth));
    // The refused log-outs changed nothing.
    expect(await auth.honours(token)).toBe(true);
    expect((await auth.send('DELETE', '/session', withCookie(cookie))).status).toBe(204);
    expect(await auth.honours(token)).toBe(false);
  });
});
