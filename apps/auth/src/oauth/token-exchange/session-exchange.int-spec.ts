import { ACCESS_TOKEN_TYPE_URI, SESSION_TOKEN_TYPE_URI } from '@latchkey/contracts/auth-api';
import { startTestRedis, waitFor } from '@latchkey/testing';
import { claimsOf } from '../../../test/auth-fixture.js';
import {
  logInWithCookie,
  sessionCookieOf,
  useAuthWithSessions,
  withSessionCookie,
} from '../../../test/session-fixture.js';
import { Exchanges, NARROW_POLICY, useExchanges } from '../../../test/token-exchange-fixture.js';

describe('an exchange of a session cookie', () => {
  const testbed = useAuthWithSessions({ env: NARROW_POLICY }, startTestRedis);
  const { auth, sql } = testbed;
  const exchanges = new Exchanges(testbed);

  async function logIn() {
    const username = await auth.register();
    const answer = await logInWithCookie(auth, username);
    return { username, cookie: sessionCookieOf(answer), sid: answer.body['sid'] as string };
  }
  const exchange = async (cookie: string, audience = 'inventory') => {
    const { status, body } = await exchanges.askWithCookie('orders', cookie, { audience });
    expect(status).toBe(200);
    return body.access_token;
  };
  const refusal = (status: number, error: string, description: string) => ({
    status,
    body: { error, error_description: description },
  });
  const NOT_LIVE = refusal(
    400,
    'invalid_request',
    'The subject token is not a live session of a user',
  );

  it('issues a token of the session, as narrow as for an access token', async () => {
    const { cookie } = await logIn();
    const { body } = await auth.post('/session/token', withSessionCookie(cookie));
    const own = claimsOf(body.access_token);
    const answer = await exchanges.askWithCookie('orders', cookie, { audience: 'inventory' });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        issued_token_type: ACCESS_TOKEN_TYPE_URI,
        scope: 'inventory:read inventory:write payments:read',
      },
    });
    const { iat, exp, ...claims } = claimsOf(answer.body.access_token);
    const { sub, sid, auth_time, iss } = own as typeof own & { iss: string };
    expect(claims).toEqual({
      ...{ iss, sub, sid, auth_time },
      aud: ['inventory'],
      client_id: 'orders',
      act: { sub: 'orders' },
      scope: 'inventory:read inventory:write payments:read',
      jti: expect.any(String),
    });
    expect(exp - iat).toBe(300);
  });

  it('ends no later than the session', async () => {
    const { cookie, sid } = await logIn();
    await sql(
      `UPDATE sessions SET absolute_expires_at = now() + interval '90 seconds' WHERE id = $1`,
      [sid],
    );
    const { exp, iat } = claimsOf(await exchange(cookie));
    expect(exp - iat).toBeLessThanOrEqual(90);
    expect(exp - iat).toBeGreaterThan(60);
  });

  it('issues a token that the next service can exchange again', async () => {
    const { cookie, sid } = await logIn();
    const second = await exchanges.exchange('inventory', await exchange(cookie), {
      audience: 'payments',
    });
    expect(claimsOf(second)).toMatchObject({
      sid,
      aud: ['payments'],
      scope: 'payments:read',
      act: { sub: 'inventory', act: { sub: 'orders' } },
    });
    expect(await exchanges.isActive(second)).toBe(true);
    await auth.send('DELETE', '/session', withSessionCookie(cookie));
    expect(await exchanges.isActive(second)).toBe(false);
  });

  it.each<[string, (session: Awaited<ReturnType<typeof logIn>>) => Promise<unknown>, object]>([
    [
      'a log-out',
      ({ cookie }) => auth.send('DELETE', '/session', withSessionCookie(cookie)),
      { kind: 'session', trigger: 'logout' },
    ],
    [
      'a log-out everywhere',
      ({ cookie }) => auth.post('/logout/everywhere', withSessionCookie(cookie)),
      { kind: 'subject', trigger: 'logout_everywhere' },
    ],
    [
      'an administrator who ends the session',
      ({ sid }) => exchanges.asAdmin('DELETE', `/sessions/${sid}`),
      { kind: 'session', trigger: 'session_ended_by_admin' },
    ],
    [
      'an administrator who disables the user',
      ({ username }) => exchanges.asAdmin('POST', `/users/${username}/disable`),
      { kind: 'subject', trigger: 'user_disabled' },
    ],
    [
      'a revocation of the client of the log-in',
      () => exchanges.asAdmin('POST', '/clients/latchkey-web/revoke'),
      { kind: 'token', trigger: 'parent_token_revoked' },
    ],
  ])('is undone by %s', async (_, end, revocation) => {
    const session = await logIn();
    const token = await exchange(session.cookie);
    expect(await exchanges.isActive(token)).toBe(true);
    await end(session);
    expect(await exchanges.isActive(token)).toBe(false);
    const { sub, sid, jti, iat } = claimsOf(token);
    const matching = await sql(
      `SELECT kind, trigger FROM revocations
       WHERE session_id = $1 OR token_id = $2 OR (subject = $3 AND issued_before > $4)`,
      [sid, jti, sub, iat],
    );
    expect(matching).toContainEqual(revocation);
    expect(await exchanges.askWithCookie('orders', session.cookie)).toMatchObject(NOT_LIVE);
  });

  it.each<[string, (cookie: string) => string | Promise<string>]>([
    ['another secret', (cookie) => `${cookie.split('.')[0]}.${'A'.repeat(43)}`],
    ['another session', (cookie) => `00000000-0000-4000-8000-000000000000.${cookie.split('.')[1]}`],
    ['the session id alone', (cookie) => cookie.split('.')[0]!],
    ['the name of the cookie', (cookie) => `session-development=${cookie}`],
    ['a refresh token', async () => (await auth.logIn(await auth.register())).refresh_token],
    ['an access token', async () => (await auth.logIn(await auth.register())).access_token],
    ['NUL', () => '\u0000'],
  ])('refuses %s', async (_, credential) => {
    const { cookie } = await logIn();
    const before = await exchanges.recorded();
    const answer = await exchanges.askWithCookie('orders', await credential(cookie));
    expect(answer).toMatchObject(NOT_LIVE);
    expect(await exchanges.recorded()).toBe(before);
  });

  it('refuses a session that the database does not know as live', async () => {
    const { cookie, sid } = await logIn();
    await sql(`UPDATE sessions SET ended_at = now(), end_reason = 'test' WHERE id = $1`, [sid]);
    const before = await exchanges.recorded();
    expect(await exchanges.askWithCookie('orders', cookie)).toMatchObject(NOT_LIVE);
    expect(await exchanges.recorded()).toBe(before);
  });

  it('refuses a cookie that is passed off as an access token', async () => {
    const { cookie } = await logIn();
    const { status, body } = await exchanges.ask('orders', cookie);
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_request' });
  });

  it('writes no part of the secret to the log', async () => {
    const { cookie } = await logIn();
    await exchange(cookie);
    await exchanges.askWithCookie('orders', `${cookie.slice(0, -1)}_`);
    expect(auth.log.text).not.toContain(cookie.split('.')[1]!.slice(0, 20));
  });

  it('answers 503 while the session store is down, and recovers with it', async () => {
    const { cookie } = await logIn();
    await testbed.store.kill();
    const answer = await exchanges.askWithCookie('orders', cookie);
    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    await testbed.store.restart();
    // A log-in that comes before the connection gets a 503, and no cookie.
    const again = await waitFor(async () => {
      const given = await logIn();
      return given.cookie !== '' && given;
    });
    await waitFor(
      async () => (await exchanges.askWithCookie('orders', again.cookie)).status === 200,
    );
  });
});

describe('without a session store', () => {
  const exchanges = useExchanges([], NARROW_POLICY);

  it('an exchange of a session cookie is not supported', async () => {
    const answer = await exchanges.askWithCookie('orders', `x.${'A'.repeat(43)}`);
    expect(answer).toMatchObject({
      status: 400,
      body: {
        error: 'invalid_request',
        error_description: `subject_token_type is not supported: send ${ACCESS_TOKEN_TYPE_URI}`,
      },
    });
    const { text } = await exchanges.auth.send('GET', '/docs-json');
    expect(text).toContain(SESSION_TOKEN_TYPE_URI);
  });
});
