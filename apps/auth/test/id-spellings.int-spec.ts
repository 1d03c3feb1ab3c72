import { claimsOf, keyIdOf, type Answer } from './auth-fixture.js';
import {
  cookieWorks,
  logInWithCookie,
  sessionCookieOf,
  useAuthWithRedis,
  withSessionCookie as withCookie,
} from './session-fixture.js';

const everySecond = (text: string) =>
  [...text].map((c, index) => (index % 2 === 0 ? c.toUpperCase() : c)).join('');

/** Spellings of one id. Postgres reads most of them as the same uuid. */
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
  /** An access token of the cookie's session. */
  readonly token: string;
}

describe('an id in another spelling', () => {
  const { auth, sql } = useAuthWithRedis();
  let admin: string;

  beforeEach(async () => {
    admin = await auth.adminToken();
  });

  const account = async (username?: string): Promise<Account> => {
    const registered = await auth.register(username);
    const cookie = sessionCookieOf(await logInWithCookie(auth, registered));
    const { body } = await auth.post('/session/token', withCookie(cookie));
    const { sid, sub } = claimsOf(body.access_token);
    return { username: registered, cookie, sid, sub, token: body.access_token };
  };
  const works = async (one: Account) => ({
    cookie: await cookieWorks(auth, one.cookie),
    token: await auth.honours(one.token),
  });
  /** Number of revocations whose id equals `sid` exactly, as verifiers compare it. */
  const revoked = async ({ sid }: Account) =>
    (await sql('SELECT FROM revocations WHERE session_id = $1', [sid])).length;
  const elsewhere = async ({ username }: Account) => (await auth.logIn(username)).access_token;

  /** Expects that the tokens, the cookie and the revocation all agree with the answer. */
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
    it('ends the session completely or not at all: DELETE /sessions/:sid', async () => {
      const ada = await account();
      const token = await elsewhere(ada);
      const path = `/sessions/${encodedAs(spelling, ada.sid)}`;
      await expectAllOrNothing(ada, await auth.send('DELETE', path, { token }));
      await auth.post('/logout/everywhere', { token });
      expect(await works(ada)).toEqual({ cookie: false, token: false });
    });

    it('ends the session completely or not at all: DELETE /admin/sessions/:sid', async () => {
      const ada = await account();
      const path = `/admin/sessions/${encodedAs(spelling, ada.sid)}`;
      await expectAllOrNothing(ada, await auth.send('DELETE', path, { token: admin }));
      await auth.post(`/admin/users/${ada.username}/disable`, { token: admin });
      expect(await works(ada)).toEqual({ cookie: false, token: false });
    });

    it('ends all sessions of the user or none: POST /admin/users/:username/disable', async () => {
      const ada = await account();
      const path = `/admin/users/${encodedAs(spelling, ada.username)}/disable`;
      const { status } = await auth.post(path, { token: admin });
      const ended = status === 204;
      if (!ended) expect([400, 404]).toContain(status);
      expect(await works(ada)).toEqual({ cookie: !ended, token: !ended });
      const rows = await sql('SELECT FROM revocations WHERE subject = $1', [ada.sub]);
      expect(rows).toHaveLength(ended ? 1 : 0);
    });

    it('revokes the stored client or key, or none', async () => {
      const ada = await account();
      const kid = keyIdOf(ada.token);
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
    /** Differences between the session store and the database after one of them was restored. */
    const STATES: Readonly<Record<string, (one: Account) => Promise<unknown>>> = {
      'has ended in the database': ({ sid }) =>
        sql(`UPDATE sessions SET ended_at = now(), end_reason = 'logout' WHERE id = $1`, [sid]),
      'has lapsed in the database': ({ sid }) =>
        sql('UPDATE sessions SET idle_expires_at = now() WHERE id = $1', [sid]),
      'is missing from the database': ({ sid }) => sql('DELETE FROM sessions WHERE id = $1', [sid]),
    };
    type End = (one: Account, token: string) => Promise<Answer>;
    const ENDS: Readonly<Record<string, End>> = {
      'DELETE /session': ({ cookie }) => auth.send('DELETE', '/session', withCookie(cookie)),
      'POST /logout with the cookie': ({ cookie }) => auth.post('/logout', withCookie(cookie)),
      'POST /logout with the token': ({ token }) => auth.post('/logout', { token }),
      'POST /logout/everywhere': (_, token) => auth.post('/logout/everywhere', { token }),
      'POST /admin/users/:username/disable': ({ username }) =>
        auth.post(`/admin/users/${username}/disable`, { token: admin }),
      'DELETE /admin/users/:username/sessions': ({ username }) =>
        auth.send('DELETE', `/admin/users/${username}/sessions`, { token: admin }),
      'DELETE /sessions/:sid': ({ sid }, token) =>
        auth.send('DELETE', `/sessions/${sid.toUpperCase()}`, { token }),
      'DELETE /admin/sessions/:sid': ({ sid }) =>
        auth.send('DELETE', `/admin/sessions/${sid}`, { token: admin }),
      'POST /admin/clients/:clientId/revoke': () =>
        auth.post('/admin/clients/latchkey-web/revoke', { token: admin }),
    };
    /** Whether a route finds the session by its id, and so needs its row. */
    const needsTheRow = (end: string) => /:sid|:clientId/.test(end);

    const table = Object.keys(STATES).flatMap((state) =>
      Object.keys(ENDS).map((end) => [state, end] as const),
    );
    it.each(table)('%s is rejected after %s', async (state, end) => {
      const ada = await account();
      const token = await elsewhere(ada);
      await STATES[state]!(ada);
      expect(await cookieWorks(auth, ada.cookie)).toBe(true);
      const { status } = await ENDS[end]!(ada, token);
      if (state === 'is missing from the database' && needsTheRow(end)) {
        expect([404, 204]).toContain(status);
        return;
      }
      expect(status).toBe(204);
      expect(await works(ada)).toEqual({ cookie: false, token: false });
    });

    it('is missing from the database still has its tokens revoked', async () => {
      const ada = await account();
      await STATES['is missing from the database']!(ada);
      expect((await auth.post('/logout', { token: ada.token })).status).toBe(204);
      expect(await revoked(ada)).toBe(1);
    });
  });
});
