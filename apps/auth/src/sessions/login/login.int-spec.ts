import { recordRequestStatements } from '@latchkey/service-kit/suite';
import { claimsOf, ISSUER, PASSWORD, refreshCookieOf } from '../../../test/auth-fixture.js';
import { useAuth } from '../../../test/auth-testbed.js';

const ada = 'ada';

describe('POST /login', () => {
  const { auth, sql } = useAuth({ users: [ada] });

  it('issues an access token for every audience, and a refresh token', async () => {
    const { status, headers, body } = await auth.login(ada);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300 });
    expect(body.refresh_token).toMatch(/^[A-Za-z0-9_-]{67}$/);
    const claims = claimsOf(body.access_token);
    expect(claims).toMatchObject({
      aud: ['orders', 'inventory', 'payments', ISSUER],
      client_id: 'latchkey-web',
      scope: 'orders:read orders:write inventory:read inventory:write payments:read payments:write',
    });
    expect(claims.sid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(claims.sub).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(claims.auth_time).toBeLessThanOrEqual(claims.iat);
    expect(await auth.honours(body.access_token)).toBe(true);
  });

  it('accepts the name in any case and width', async () => {
    expect((await auth.login('ADA')).status).toBe(200);
    expect((await auth.login('ａｄａ')).status).toBe(200);
  });

  it('answers a wrong password, an unknown name and a disabled account alike', async () => {
    const disabled = await auth.register();
    await sql('UPDATE users SET disabled_at = now() WHERE username = $1', [disabled]);
    const answers = [
      await auth.login(ada, { password: 'not her password' }),
      await auth.login('nobody-has-this-name'),
      await auth.login(disabled),
    ];
    for (const { status, headers, body } of answers) {
      const { requestId, ...problem } = body;
      expect(requestId).toEqual(expect.any(String));
      expect({ status, problem }).toEqual({
        status: 401,
        problem: {
          type: 'urn:latchkey:problem:invalid_credentials',
          title: 'Name or password is wrong',
          status: 401,
          code: 'invalid_credentials',
        },
      });
      expect([...headers.keys()].sort()).toEqual([...answers[0]!.headers.keys()].sort());
    }
  });

  it('runs the same queries for an unknown name as for a wrong password', async () => {
    const aboutUsers = async (username: string) => {
      const statements = await recordRequestStatements(() =>
        auth.login(username, { password: 'not the password' }),
      );
      return statements.filter((text) => text.includes('"users"'));
    };
    const statements = await aboutUsers(ada);
    expect(statements).toEqual([expect.stringMatching(/^SELECT /)]);
    expect(await aboutUsers('nobody-has-this-name')).toEqual(statements);
  });

  it('sends the refresh token in a cookie instead of the body on request', async () => {
    const answer = await auth.login(ada, { refreshTokenDelivery: 'cookie' });
    expect(answer.body).not.toHaveProperty('refresh_token');
    expect(refreshCookieOf(answer)).toMatch(/^[A-Za-z0-9_-]{67}$/);
    const [attributes] = answer.headers.getSetCookie();
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/', 'Max-Age=604800'])
      expect(attributes).toContain(attribute);
    expect(attributes).not.toMatch(/domain/i);
  });

  it('rehashes the password when the parameters have changed', async () => {
    const user = await auth.register();
    const { hash } = await import('@node-rs/argon2');
    const weak = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1 });
    await sql('UPDATE users SET password_hash = $2 WHERE username = $1', [user, weak]);
    const both = await Promise.all([auth.login(user), auth.login(user)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    const [row] = await sql<{ password_hash: string }>(
      'SELECT password_hash FROM users WHERE username = $1',
      [user],
    );
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await auth.login(user)).status).toBe(200);
  });

  it('ends the oldest session of an account at its limit', async () => {
    const user = await auth.register();
    const sessions = [];
    for (let count = 0; count < 21; count += 1) sessions.push(await auth.logIn(user));
    const [oldest, second] = sessions;
    expect(await auth.honours(oldest!.access_token)).toBe(false);
    expect(await auth.honours(second!.access_token)).toBe(true);
    const { body } = await auth.send('GET', '/sessions', { token: second!.access_token });
    expect(body.sessions).toHaveLength(20);
    const revocations = await sql('SELECT trigger FROM revocations WHERE session_id = $1', [
      oldest!.sid,
    ]);
    expect(revocations).toEqual([{ trigger: 'session_cap_reached' }]);
  });

  it('enforces the session limit for concurrent log-ins', async () => {
    const user = await auth.register();
    for (let round = 0; round < 5; round += 1)
      await Promise.all(Array.from({ length: 8 }, () => auth.logIn(user)));
    const { access_token: token } = await auth.logIn(user);
    const { body } = await auth.send('GET', '/sessions', { token });
    expect(body.sessions).toHaveLength(20);
  });

  it('rate-limits guesses, even for an unknown name', async () => {
    for (const name of [await auth.register(), 'nobody-has-that-name']) {
      // The delays end while a busy machine is still judging, and each lets one more guess through.
      const guesses = Array.from({ length: 20 }, () =>
        auth.login(name, { password: 'not the password' }),
      );
      const refused = (await Promise.all(guesses)).filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(2);
      expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused[0]!.body).toMatchObject({ code: 'too_many_attempts' });
    }
  });

  it('refuses a form, which another site could send', async () => {
    const form = { username: ada, password: PASSWORD, refreshTokenDelivery: 'cookie' };
    const answer = await auth.post('/login', { form });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  it.each([
    ['an unknown field', { username: 'ada', password: PASSWORD, admin: true }, '/admin'],
    ['a missing name', { password: PASSWORD }, '/username'],
    ['an invalid name', { username: 'a b c', password: PASSWORD }, '/username'],
    ['a password that is a number', { username: 'ada', password: 12_345_678 }, '/password'],
    ['a password that is too long', { username: 'ada', password: 'x'.repeat(1025) }, '/password'],
    [
      'an unknown delivery',
      { username: 'ada', password: 'x', refreshTokenDelivery: 'mail' },
      '/refreshTokenDelivery',
    ],
  ])('names the field: %s', async (_, json, field) => {
    const { status, body } = await auth.post('/login', { json });
    expect({ status, field: body.errors[0]?.field }).toEqual({ status: 400, field });
  });

  it('logs neither names, passwords nor tokens', async () => {
    const secrets = ['my-secret-name', 'my secret password'];
    await auth.login(secrets[0]!, { password: secrets[1]! });
    const { access_token: access, refresh_token: refresh } = await auth.logIn(ada);
    await auth.refresh(refresh);
    for (const secret of [...secrets, access, refresh, PASSWORD])
      expect(auth.log.text).not.toContain(secret);
  });
});
