import {
  startTestDatabase,
  startTestNats,
  startTestRedis,
  waitFor,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { DataSource } from 'typeorm';
import { AuthReplica, claimsOf, PASSWORD, type Answer, type Sent } from './auth-fixture.js';

const ISSUER = 'http://localhost:4000';
const COOKIE = 'session-development';

const everySecond = (text: string) =>
  [...text].map((c, index) => (index % 2 === 0 ? c.toUpperCase() : c)).join('');

/** How the same id can be written; Postgres takes most of these for one and the same uuid. */
const SPELLINGS: Readonly<Record<string, (id: string) => string>> = {
  'as it is stored': (id) => id,
  'in upper case': (id) => id.toUpperCase(),
  'in mixed case': everySecond,
  'in braces': (id) => `{${id}}`,
  'without hyphens': (id) => id.replaceAll('-', ''),
  'with other hyphens': (id) => id.replaceAll('-', '').replace(/(.{4})(?=.)/g, '$1-'),
  'with blanks around it': (id) => ` ${id} `,
  'as a URN': (id) => `urn:uuid:${id}`,
  'percent-encoded throughout': (id) => id,
};
const encodedAs = (spelling: string, id: string) => {
  const text = SPELLINGS[spelling]!(id);
  if (spelling !== 'percent-encoded throughout') return encodeURIComponent(text);
  return [...text].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('');
};

interface Account {
  readonly username: string;
  readonly cookie: string;
  readonly sid: string;
  readonly sub: string;
  /** Got with the cookie. */
  readonly token: string;
}

describe('an id that is spelled in another way', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let redis: Awaited<ReturnType<typeof startTestRedis>>;
  let auth: AuthReplica;
  let admin: string;

  beforeAll(async () => {
    [database, nats, redis] = await Promise.all([
      startTestDatabase(),
      startTestNats(),
      startTestRedis(),
    ]);
    const env = { ISSUER, SESSION_STORE_URL: redis.url };
    auth = await AuthReplica.start({
      databaseUrl: database.url,
      nats: nats.credentials('auth'),
      env,
    });
    await waitFor(async () => (await auth.post('/session/login', { json: {} })).status === 400);
  });
  beforeEach(async () => {
    admin = await auth.adminToken();
  });
  afterAll(async () => {
    await auth.close();
    await Promise.all([nats.close(), redis.close(), database.drop()]);
  });

  const sql = <Row extends object>(query: string, parameters?: unknown[]): Promise<Row[]> =>
    auth.service.app.get(DataSource).query<Row[]>(query, parameters);
  const withCookie = (cookie: string): Sent => ({
    headers: { cookie: `${COOKIE}=${cookie}`, origin: ISSUER },
  });
  const account = async (username?: string): Promise<Account> => {
    const registered = await auth.register(username);
    const answer = await auth.post('/session/login', {
      json: { username: registered, password: PASSWORD },
    });
    const cookie = /^[^=]+=([^;]*)/.exec(answer.headers.getSetCookie()[0] ?? '')?.[1] ?? '';
    const { body } = await auth.post('/session/token', withCookie(cookie));
    const { sid, sub } = claimsOf(body.access_token);
    return { username: registered, cookie, sid, sub, token: body.access_token };
  };
  const cookieWorks = async ({ cookie }: Account) =>
    (await auth.send('GET', '/session', withCookie(cookie))).status === 200;
  const works = async (one: Account) => ({
    cookie: await cookieWorks(one),
    token: await auth.honours(one.token),
  });
  /** What verifiers compare with `sid`, letter by letter. */
  const revoked = async ({ sid }: Account) =>
    (await sql('SELECT FROM revocations WHERE session_id = $1', [sid])).length;
  const elsewhere = async ({ username }: Account) => (await auth.logIn(username)).access_token;

  /** Either it ended, for tokens and cookie, as verifiers see it too, or nothing happened and that was said. */
  const expectAllOrNothing = async (one: Account, { status }: Answer) => {
    const ended = status === 204;
    if (!ended) expect([400, 404]).toContain(status);
    expect({ ...(await works(one)), revocations: await revoked(one) }).toEqual({
      cookie: !ended,
      token: !ended,
      revocations: ended ? 1 : 0,
    });
  };

  describe.each(Object.keys(SPELLINGS))('%s', (spelling) => {
    it('ends the session or nothing: DELETE /sessions/:sid', async () => {
      const ada = await account();
      const token = await elsewhere(ada);
      const path = `/sessions/${encodedAs(spelling, ada.sid)}`;
      await expectAllOrNothing(ada, await auth.send('DELETE', path, { token }));
      await auth.post('/logout/everywhere', { token });
      expect(await works(ada)).toEqual({ cookie: false, token: false });
    });

    it('ends the session or nothing: DELETE /admin/sessions/:sid', async () => {
      const ada = await account();
      const path = `/admin/sessions/${encodedAs(spelling, ada.sid)}`;
      await expectAllOrNothing(ada, await auth.send('DELETE', path, { token: admin }));
      await auth.post(`/admin/users/${ada.username}/disable`, { token: admin });
      expect(await works(ada)).toEqual({ cookie: false, token: false });
    });

    it('of a user ends all sessions or nothing: POST /admin/users/:username/disable', async () => {
      const ada = await account();
      const path = `/admin/users/${encodedAs(spelling, ada.username)}/disable`;
      const { status } = await auth.post(path, { token: admin });
      const ended = status === 204;
      if (!ended) expect([400, 404]).toContain(status);
      expect(await works(ada)).toEqual({ cookie: !ended, token: !ended });
      const rows = await sql('SELECT FROM revocations WHERE subject = $1', [ada.sub]);
      expect(rows).toHaveLength(ended ? 1 : 0);
    });

    it('of a client or a key is that one or none', async () => {
      const ada = await account();
      const { kid } = JSON.parse(Buffer.from(ada.token.split('.')[0]!, 'base64url').toString()) as {
        kid: string;
      };
      for (const [kind, id, path] of [
        ['client', 'latchkey-web', '/admin/clients/ID/revoke'],
        ['key', kid, '/admin/signing-keys/ID/revoke'],
      ] as const) {
        const before = await sql(`SELECT FROM revocations WHERE ${kind}_id = $1`, [id]);
        const encoded = encodedAs(spelling, id);
        const token = await auth.adminToken();
        const { status } = await auth.post(path.replace('ID', encoded), { token });
        const after = await sql(`SELECT FROM revocations WHERE ${kind}_id = $1`, [id]);
        if (status !== 204) expect([400, 404]).toContain(status);
        expect(after.length - before.length).toBe(status === 204 ? 1 : 0);
        const [others] = await sql<{ count: number }>(
          `SELECT count(*)::int FROM revocations WHERE lower(${kind}_id) = lower($1) AND ${kind}_id <> $1`,
          [id],
        );
        expect(others?.count).toBe(0);
      }
    });
  });

  describe('a cookie whose session', () => {
    /** As after a session store, or a database, that was put back to an earlier state. */
    const STATES: Readonly<Record<string, (one: Account) => Promise<unknown>>> = {
      'has ended by the record': ({ sid }) =>
        sql(`UPDATE sessions SET ended_at = now(), end_reason = 'logout' WHERE id = $1`, [sid]),
      'has lapsed by the record': ({ sid }) =>
        sql('UPDATE sessions SET idle_expires_at = now() WHERE id = $1', [sid]),
      'is not in the record': ({ sid }) => sql('DELETE FROM sessions WHERE id = $1', [sid]),
    };
    type End = (one: Account, token: string) => Promise<Answer>;
    const ENDS: Readonly<Record<string, End>> = {
      'DELETE /session': ({ cookie }) => auth.send('DELETE', '/session', withCookie(cookie)),
      'POST /logout by the cookie': ({ cookie }) => auth.post('/logout', withCookie(cookie)),
      'POST /logout by the token': ({ token }) => auth.post('/logout', { token }),
      'POST /logout/everywhere': (_, token) => auth.post('/logout/everywhere', { token }),
      'POST /admin/users/:username/disable': ({ username }) =>
        auth.post(`/admin/users/${username}/disable`, { token: admin }),
      'DELETE /sessions/:sid': ({ sid }, token) =>
        auth.send('DELETE', `/sessions/${sid.toUpperCase()}`, { token }),
      'DELETE /admin/sessions/:sid': ({ sid }) =>
        auth.send('DELETE', `/admin/sessions/${sid}`, { token: admin }),
      'POST /admin/clients/:clientId/revoke': () =>
        auth.post('/admin/clients/latchkey-web/revoke', { token: admin }),
    };
    /** An id alone proves nothing, and what the record does not know cannot be looked up there. */
    const needsTheRow = (end: string) => /:sid|:clientId/.test(end);

    const table = Object.keys(STATES).flatMap((state) =>
      Object.keys(ENDS).map((end) => [state, end] as const),
    );
    it.each(table)('%s is refused after %s', async (state, end) => {
      const ada = await account();
      const token = await elsewhere(ada);
      await STATES[state]!(ada);
      expect(await cookieWorks(ada)).toBe(true);
      const { status } = await ENDS[end]!(ada, token);
      if (state === 'is not in the record' && needsTheRow(end)) {
        expect([404, 204]).toContain(status);
        return;
      }
      expect(status).toBe(204);
      expect(await works(ada)).toEqual({ cookie: false, token: false });
    });

    it('is not in the record has its tokens revoked all the same', async () => {
      const ada = await account();
      await STATES['is not in the record']!(ada);
      expect((await auth.post('/logout', { token: ada.token })).status).toBe(204);
      expect(await revoked(ada)).toBe(1);
    });
  });
});
