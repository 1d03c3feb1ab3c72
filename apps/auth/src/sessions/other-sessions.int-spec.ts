import type { SessionListReply } from '@latchkey/contracts/auth-api';
import { waitFor } from '@latchkey/testing';
import { claimsOf } from '../../test/auth-fixture.js';
import {
  logInWithCookie,
  sessionCookieOf,
  useAuthWithRedis,
  withSessionCookie,
} from '../../test/session-fixture.js';

const ROUNDS = 8;

describe('DELETE /sessions', () => {
  const testbed = useAuthWithRedis();
  const { auth, sql } = testbed;

  const endOthers = (token: string) => auth.send('DELETE', '/sessions', { token });
  const sessionsOf = async (token: string) =>
    (await auth.send('GET', '/sessions', { token })).body as unknown as SessionListReply;
  const revocationsOf = (subject: string) =>
    sql<{ sid: string; trigger: string }>(
      'SELECT session_id AS sid, trigger FROM revocations WHERE subject = $1 ORDER BY session_id',
      [subject],
    );

  it('ends all sessions but this one, with a revocation and an audit event for each', async () => {
    const user = await auth.register();
    const [phone, mine, laptop] = [
      await auth.logIn(user),
      await auth.logIn(user),
      await auth.logIn(user),
    ];
    const stranger = await auth.logIn(await auth.register());
    const cookie = sessionCookieOf(await logInWithCookie(auth, user));
    const answer = await endOthers(mine.access_token);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
    for (const { access_token: token, refresh_token: refresh } of [phone, laptop]) {
      expect(await auth.honours(token)).toBe(false);
      expect((await auth.refresh(refresh)).status).toBe(400);
    }
    expect((await auth.send('GET', '/session', withSessionCookie(cookie))).status).toBe(401);
    expect(await auth.honours(stranger.access_token)).toBe(true);
    expect((await sessionsOf(mine.access_token)).sessions).toMatchObject([{ sid: mine.sid }]);
    const { sub } = claimsOf(mine.access_token);
    const rows = await revocationsOf(sub);
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map(({ trigger }) => trigger))).toEqual(new Set(['session_ended']));
    for (const { sid } of rows)
      expect(auth.log.text).toMatch(new RegExp(`"audit":"session_ended".*"sessionId":"${sid}"`));
  });

  it('answers 204 without a position if the account has no other session', async () => {
    const mine = await auth.logIn(await auth.register());
    for (let round = 0; round < 2; round += 1) {
      const answer = await endOthers(mine.access_token);
      expect(answer.status).toBe(204);
      expect(answer.headers.get('revocation-position')).toBeNull();
    }
    expect(await revocationsOf(claimsOf(mine.access_token).sub)).toEqual([]);
  });

  it('ends a session that has lapsed while its last token may be valid, and no older one', async () => {
    const user = await auth.register();
    const [lapsed, older, mine] = [
      await auth.logIn(user),
      await auth.logIn(user),
      await auth.logIn(user),
    ];
    await sql(
      `UPDATE sessions SET idle_expires_at = clock_timestamp() - interval '1 s' WHERE id = ANY ($1)`,
      [[lapsed.sid, older.sid]],
    );
    await sql(
      'UPDATE sessions SET auth_time = auth_time - 7200, newest_iat = newest_iat - 7200 WHERE id = $1',
      [older.sid],
    );
    expect((await endOthers(mine.access_token)).status).toBe(204);
    expect(await revocationsOf(claimsOf(mine.access_token).sub)).toEqual([
      { sid: lapsed.sid, trigger: 'session_ended' },
    ]);
  });

  it('leaves sessions alone that a log-out everywhere has ended', async () => {
    const user = await auth.register();
    const { access_token: token } = await auth.logIn(user);
    await auth.post('/logout/everywhere', { token });
    const mine = await auth.logIn(user);
    expect((await endOthers(mine.access_token)).status).toBe(204);
    const rows = await revocationsOf(claimsOf(mine.access_token).sub);
    expect(rows.map(({ trigger }) => trigger)).toEqual(['logout_everywhere']);
  });

  it('records the end of one session once, however often it is asked for', async () => {
    const user = await auth.register();
    const [mine, other] = [await auth.logIn(user), await auth.logIn(user)];
    for (let round = 0; round < 3; round += 1) {
      const { access_token: token } = mine;
      expect((await auth.send('DELETE', `/sessions/${other.sid}`, { token })).status).toBe(204);
    }
    const recorded = new RegExp(`"audit":"session_ended".*"sessionId":"${other.sid}"`, 'g');
    expect(auth.log.text.match(recorded)).toHaveLength(1);
  });

  it('works with a session cookie, whose session stays', async () => {
    const user = await auth.register();
    const { access_token: token } = await auth.logIn(user);
    const sent = withSessionCookie(sessionCookieOf(await logInWithCookie(auth, user)));
    expect((await auth.send('DELETE', '/sessions', sent)).status).toBe(204);
    expect(await auth.honours(token)).toBe(false);
    expect((await auth.send('GET', '/session', sent)).status).toBe(200);
  });

  it('is refused to a session that has ended, which must not end others', async () => {
    const user = await auth.register();
    const [mine, other] = [await auth.logIn(user), await auth.logIn(user)];
    await auth.post('/logout', { token: mine.access_token });
    expect((await endOthers(mine.access_token)).status).toBe(401);
    expect(await auth.honours(other.access_token)).toBe(true);
  });

  it('lets two sessions that end each other at the same time end at most one', async () => {
    const user = await auth.register();
    for (let round = 0; round < ROUNDS; round += 1) {
      const pair = [await auth.logIn(user), await auth.logIn(user)];
      const tokens = pair.map(({ access_token: token }) => token);
      const answers = await Promise.all(tokens.map(endOthers));
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 401]);
      const alive = await Promise.all(tokens.map((token) => auth.honours(token)));
      expect(alive.filter(Boolean)).toHaveLength(1);
    }
  });

  it('leaves no token of another session alive when it races with its refreshes', async () => {
    const user = await auth.register();
    const mine = await auth.logIn(user);
    for (let round = 0; round < ROUNDS; round += 1) {
      const other = await auth.logIn(user);
      const [ended, refreshed] = await Promise.all([
        endOthers(mine.access_token),
        auth.refresh(other.refresh_token),
      ]);
      expect(ended.status).toBe(204);
      if (refreshed.status === 200)
        expect(await auth.honours(refreshed.body.access_token)).toBe(false);
      expect(await auth.honours(other.access_token)).toBe(false);
    }
  });

  it('either ends a concurrent log-in or leaves it alone', async () => {
    const user = await auth.register();
    const mine = await auth.logIn(user);
    for (let round = 0; round < ROUNDS; round += 1) {
      const [ended, other] = await Promise.all([endOthers(mine.access_token), auth.logIn(user)]);
      expect(ended.status).toBe(204);
      const { sessions } = await sessionsOf(mine.access_token);
      const isListed = sessions.some(({ sid }) => sid === other.sid);
      expect(await auth.honours(other.access_token)).toBe(isListed);
      expect((await auth.refresh(other.refresh_token)).status).toBe(isListed ? 200 : 400);
    }
  });

  it('answers 202 while NATS is down, also when repeated', async () => {
    const user = await auth.register();
    const [mine, other] = [await auth.logIn(user), await auth.logIn(user)];
    await testbed.nats.stop();
    expect((await endOthers(mine.access_token)).status).toBe(202);
    expect((await endOthers(mine.access_token)).status).toBe(202);
    expect(await auth.honours(other.access_token)).toBe(false);
    await testbed.nats.restart();
    await waitFor(async () => (await endOthers(mine.access_token)).status === 204, {
      timeoutMs: 20_000,
    });
  });
});
