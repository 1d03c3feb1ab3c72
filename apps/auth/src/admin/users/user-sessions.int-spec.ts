import { claimsOf } from '../../../test/auth-fixture.js';
import {
  cookieWorks,
  logInWithCookie,
  sessionCookieOf,
  useAuthWithRedis,
  withSessionCookie,
} from '../../../test/session-fixture.js';

interface Listed {
  readonly sid: string;
  readonly current: boolean;
  readonly userAgent: string | null;
}

describe('/admin/users/:username/sessions', () => {
  const { auth, sql } = useAuthWithRedis();
  let admin: string;
  beforeEach(async () => {
    admin = await auth.adminToken();
  });
  const as = (method: string, name: string) =>
    auth.send(method, `/admin/users/${encodeURIComponent(name)}/sessions`, { token: admin });
  const listed = async (name: string) => (await as('GET', name)).body['sessions'] as Listed[];

  it('lists what the user sees, in tokens and in cookies, the newest first', async () => {
    const name = await auth.register();
    const first = await auth.logIn(name);
    const { body } = await logInWithCookie(auth, name);
    const own = await auth.send('GET', '/sessions', { token: first.access_token });
    // A session that asks does not see when it was last refreshed (ADR 0054).
    const untimed = (session: Listed) =>
      session.sid === first.sid ? { ...session, lastUsedAt: '', expiresAt: '' } : session;
    const answer = await as('GET', name.toUpperCase());
    expect(answer.status).toBe(200);
    const sessions = answer.body['sessions'] as Listed[];
    expect(sessions.map(({ sid }) => sid)).toEqual([body['sid'], first.sid]);
    expect(sessions.some(({ current }) => current)).toBe(false);
    const seen = own.body['sessions'] as Listed[];
    expect(sessions.map(untimed)).toEqual(
      seen.map((session) => untimed({ ...session, current: false })),
    );
  });

  it('marks the session that makes the request', async () => {
    const { sid } = claimsOf(admin);
    const marked = (await listed('root')).filter(({ current }) => current);
    expect(marked.map((session) => session.sid)).toEqual([sid]);
  });

  it('does not list a cookie that the session store has ended', async () => {
    const name = await auth.register();
    const cookie = sessionCookieOf(await logInWithCookie(auth, name));
    expect(await listed(name)).toHaveLength(1);
    await auth.send('DELETE', '/session', withSessionCookie(cookie));
    expect(await listed(name)).toEqual([]);
  });

  it('ends all of them, and only those; the user may log in again', async () => {
    const [name, other] = [await auth.register(), await auth.register()];
    const session = await auth.logIn(name);
    const cookie = sessionCookieOf(await logInWithCookie(auth, name));
    const { access_token: unaffected } = await auth.logIn(other);
    const answer = await as('DELETE', name.toUpperCase());
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
    expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
    expect(await auth.honours(session.access_token)).toBe(false);
    expect((await auth.refresh(session.refresh_token)).status).toBe(400);
    expect(await cookieWorks(auth, cookie)).toBe(false);
    expect(await listed(name)).toEqual([]);
    expect(await auth.honours(unaffected)).toBe(true);
    const { sub } = claimsOf(session.access_token);
    expect(await sql('SELECT kind, trigger FROM revocations WHERE subject = $1', [sub])).toEqual([
      { kind: 'subject', trigger: 'sessions_ended_by_admin' },
    ]);
    expect(await auth.honours((await auth.logIn(name)).access_token)).toBe(true);
  });

  it('leaves no session that a concurrent log-in started before the end', async () => {
    const name = await auth.register();
    const [ended, ...logins] = await Promise.all([
      as('DELETE', name),
      ...Array.from({ length: 6 }, () => auth.login(name)),
    ]);
    expect(ended.status).toBe(204);
    const live = new Set((await listed(name)).map(({ sid }) => sid));
    for (const { status, body } of logins) {
      expect(status).toBe(200);
      expect(await auth.honours(body.access_token)).toBe(live.has(claimsOf(body.access_token).sid));
    }
  });

  it.each(['GET', 'DELETE'])('%s refuses a name that cannot be one', async (method) => {
    for (const name of ['ab', ' ada', 'a b', '.ada', 'ada\n'])
      expect((await as(method, name)).status).toBe(400);
  });
});
