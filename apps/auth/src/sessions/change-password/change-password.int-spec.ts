import { PASSWORD, refreshCookieOf } from '../../../test/auth-fixture.js';
import { useAuth } from '../../../test/auth-testbed.js';

const NEW_PASSWORD = 'another battery staple';

describe('POST /password', () => {
  const { auth, sql } = useAuth();
  const change = (token: string, currentPassword = PASSWORD, newPassword = NEW_PASSWORD) =>
    auth.post('/password', { token, json: { currentPassword, newPassword } });

  it('changes the password, ends the other sessions, and issues new tokens for this one', async () => {
    const user = await auth.register();
    const [mine, phone, laptop] = [
      await auth.logIn(user),
      await auth.logIn(user),
      await auth.logIn(user),
    ];
    // The session has lapsed, but its last token may be valid.
    await sql(`UPDATE sessions SET idle_expires_at = created_at WHERE id = $1`, [laptop.sid]);
    const answer = await change(mine.access_token);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
    for (const other of [phone, laptop]) {
      expect(await auth.honours(other.access_token)).toBe(false);
      expect((await auth.refresh(other.refresh_token)).status).toBe(400);
      const rows = await sql('SELECT trigger FROM revocations WHERE session_id = $1', [other.sid]);
      expect(rows).toEqual([{ trigger: 'password_changed' }]);
    }
    expect(await auth.honours(answer.body.access_token)).toBe(true);
    expect((await auth.refresh(answer.body.refresh_token)).status).toBe(200);
    expect((await auth.login(user)).status).toBe(401);
    expect((await auth.login(user, { password: NEW_PASSWORD })).status).toBe(200);
  });

  it('invalidates the old refresh token, whose later reuse ends the session', async () => {
    const mine = await auth.logIn(await auth.register());
    const { body } = await change(mine.access_token);
    // Within the grace period, the owner may have sent it before the answer arrived.
    expect((await auth.refresh(mine.refresh_token)).status).toBe(400);
    expect(await auth.honours(body.access_token)).toBe(true);
    await sql(
      `UPDATE refresh_tokens SET used_at = used_at - interval '1 minute' WHERE session_id = $1`,
      [mine.sid],
    );
    expect((await auth.refresh(mine.refresh_token)).status).toBe(400);
    expect(await auth.honours(body.access_token)).toBe(false);
  });

  it("keeps a browser's refresh token in its cookie", async () => {
    const login = await auth.login(await auth.register(), { refreshTokenDelivery: 'cookie' });
    const answer = await change(login.body.access_token);
    expect(answer.body).not.toHaveProperty('refresh_token');
    expect(refreshCookieOf(answer)).not.toBe(refreshCookieOf(login));
  });

  it('lets one of two concurrent changes win, and ends the other session', async () => {
    const user = await auth.register();
    const sessions = [await auth.logIn(user), await auth.logIn(user)];
    const answers = await Promise.all(
      sessions.map(({ access_token: token }, index) =>
        change(token, PASSWORD, `the new password of session ${index}`),
      ),
    );
    const winner = answers.findIndex(({ status }) => status === 200);
    expect([401, 403]).toContain(answers[1 - winner]?.status);
    const password = `the new password of session ${winner}`;
    expect((await auth.login(user, { password })).status).toBe(200);
  });

  it('leaves no session to a concurrent log-in with the old password', async () => {
    const user = await auth.register();
    const { access_token: token } = await auth.logIn(user);
    const [changed, ...logins] = await Promise.all([
      change(token),
      ...Array.from({ length: 6 }, () => auth.login(user)),
    ]);
    expect(changed.status).toBe(200);
    for (const { status, body } of logins)
      if (status === 200) expect(await auth.honours(body.access_token)).toBe(false);
  });

  it('requires the current password, and rate-limits guesses with a stolen token', async () => {
    const { access_token: token, sid } = await auth.logIn(await auth.register());
    const wrong = await change(token, 'not the password');
    expect(wrong).toMatchObject({
      status: 403,
      body: { code: 'wrong_password', errors: [{ field: '/currentPassword' }] },
    });
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess += 1)
      statuses.push((await change(token, 'not the password')).status);
    expect(statuses).toContain(429);
    expect(await sql('SELECT FROM revocations WHERE session_id = $1', [sid])).toEqual([]);
  });

  const reversed = (text: string) => Array.from(text).reverse().join('');
  it.each<[string, string | ((user: string) => string), string]>([
    ['a common one', 'password1', 'common_password'],
    ['a short one', '1234567', 'invalid_input'],
    ['one character', 'aaaaaaaa', 'weak_password'],
    ['a sequence', '23456789', 'weak_password'],
    ['the user name', (user) => user, 'weak_password'],
    ['the user name in upper case', (user) => user.toUpperCase(), 'weak_password'],
    ['the user name between blanks', (user) => ` ${user} `, 'weak_password'],
    ['the user name backwards', reversed, 'weak_password'],
  ])('refuses %s, names the field, and changes nothing', async (_, chosen, code) => {
    const user = await auth.register();
    const { access_token: token } = await auth.logIn(user);
    const password = typeof chosen === 'string' ? chosen : chosen(user);
    const { status, body } = await change(token, PASSWORD, password);
    expect({ status, code: body.code, field: body.errors[0]?.field }).toEqual({
      status: 400,
      code,
      field: '/newPassword',
    });
    await auth.logIn(user);
  });
});
