import { waitFor } from '@latchkey/testing';
import { claimsOf, refreshCookieOf } from '../../../test/auth-fixture.js';
import { useAuth } from '../../../test/auth-testbed.js';

const ada = 'ada';
const POSITION = /^\d+$/;
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

describe('log-out', () => {
  const testbed = useAuth({ users: [ada] });
  const { auth, sql } = testbed;

  const revocationsOf = (sid: string) =>
    sql<{ trigger: string }>('SELECT trigger, kind FROM revocations WHERE session_id = $1', [sid]);
  const cookieHeader = (cookie: string) => ({ cookie: `__Host-latchkey-refresh=${cookie}` });

  describe('POST /logout', () => {
    it('ends the session of the access token and returns the position of the revocation', async () => {
      const [phone, laptop] = [await auth.logIn(ada), await auth.logIn(ada)];
      const answer = await auth.post('/logout', { token: phone.access_token });
      expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
      expect(answer.headers.get('revocation-position')).toMatch(POSITION);
      expect(await revocationsOf(phone.sid)).toEqual([{ trigger: 'logout', kind: 'session' }]);
      expect(await auth.honours(phone.access_token)).toBe(false);
      expect(await auth.honours(laptop.access_token)).toBe(true);
    });

    it('accepts a refresh token without an access token', async () => {
      const { refresh_token: refreshToken, access_token: token } = await auth.logIn(ada);
      const answer = await auth.post('/logout', { json: { refreshToken } });
      expect(answer.status).toBe(204);
      expect(await auth.honours(token)).toBe(false);
    });

    it('answers repeated log-outs alike, with either token, and revokes once', async () => {
      const { refresh_token: refreshToken, access_token: token, sid } = await auth.logIn(ada);
      for (let round = 0; round < 3; round += 1) {
        expect((await auth.post('/logout', { token })).status).toBe(204);
        expect((await auth.post('/logout', { json: { refreshToken } })).status).toBe(204);
      }
      expect(await revocationsOf(sid)).toHaveLength(1);
    });

    it('revokes once for twenty concurrent requests', async () => {
      const { access_token: token, sid } = await auth.logIn(ada);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => auth.post('/logout', { token })),
      );
      // A later request may answer before the first one has published: 202.
      for (const { status } of answers) expect([202, 204]).toContain(status);
      expect(await revocationsOf(sid)).toHaveLength(1);
    });

    it('revokes a lapsed session, whose last access token may still be valid', async () => {
      const { access_token: token, sid } = await auth.logIn(ada);
      await sql('UPDATE sessions SET idle_expires_at = now() WHERE id = $1', [sid]);
      expect((await auth.post('/logout', { token })).status).toBe(204);
      expect(await revocationsOf(sid)).toHaveLength(1);
    });

    it.each([
      ['nothing', {}, 401, 'missing_token'],
      ['another scheme', { headers: { authorization: 'Basic YTpi' } }, 401, 'missing_token'],
      ['a forged token', { token: 'eyJhbGciOiJub25lIn0.e30.' }, 401, 'invalid_token'],
      ['an unknown refresh token', { json: { refreshToken: 'x' } }, 401, 'invalid_token'],
      ['an empty refresh token', { json: { refreshToken: '' } }, 400, 'invalid_input'],
      ['an unknown field', { json: { token: 'x' } }, 400, 'invalid_input'],
      ['null', { json: null }, 400, 'invalid_input'],
      ['a list', { json: [] }, 400, 'invalid_input'],
      ['a form', { form: { refreshToken: 'x' } }, 415, 'unsupported_media_type'],
    ])('refuses %s', async (_, sent, status, code) => {
      const answer = await auth.post('/logout', sent);
      expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
      if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    });

    it('ends nothing for a tampered token', async () => {
      const { access_token: token } = await auth.logIn(ada);
      const [header, , signature] = token.split('.');
      const other = await auth.logIn(ada);
      const payload = other.access_token.split('.')[1];
      const forged = `${header}.${payload}.${signature}`;
      expect((await auth.post('/logout', { token: forged })).status).toBe(401);
      expect(await auth.honours(other.access_token)).toBe(true);
    });

    describe('with the cookie', () => {
      const login = async () => {
        const answer = await auth.login(ada, { refreshTokenDelivery: 'cookie' });
        return { token: answer.body.access_token, cookie: refreshCookieOf(answer)! };
      };

      it('ends the session and clears the cookie', async () => {
        const { token, cookie } = await login();
        const headers = { ...cookieHeader(cookie), ...SAME_ORIGIN };
        const answer = await auth.post('/logout', { headers });
        expect(answer.status).toBe(204);
        expect(refreshCookieOf(answer)).toBe('');
        expect(answer.headers.getSetCookie()[0]).toMatch(/Path=\/.*Secure|Secure.*Path=\//);
        expect(await auth.honours(token)).toBe(false);
      });

      it('refuses a cross-origin request', async () => {
        const { token, cookie } = await login();
        const headers = { ...cookieHeader(cookie), origin: 'https://evil.test' };
        const answer = await auth.post('/logout', { headers });
        expect(answer).toMatchObject({ status: 403, body: { code: 'cross_origin' } });
        expect(await auth.honours(token)).toBe(true);
      });

      it('clears the cookie only if it belongs to the session that the access token ended', async () => {
        const [mine, other] = [await login(), await login()];
        const kept = await auth.post('/logout', {
          token: mine.token,
          headers: cookieHeader(other.cookie),
        });
        expect(refreshCookieOf(kept)).toBeUndefined();
        const cleared = await auth.post('/logout', {
          token: mine.token,
          headers: cookieHeader(mine.cookie),
        });
        expect(refreshCookieOf(cleared)).toBe('');
      });
    });
  });

  describe('POST /logout/everywhere', () => {
    it('ends every session with a single revocation by time', async () => {
      const user = await auth.register();
      const sessions = await Promise.all([1, 2, 3].map(() => auth.logIn(user)));
      const answer = await auth.post('/logout/everywhere', { token: sessions[0]!.access_token });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('revocation-position')).toMatch(POSITION);
      for (const session of sessions) {
        expect(await auth.honours(session.access_token)).toBe(false);
        expect((await auth.refresh(session.refresh_token)).status).toBe(400);
      }
      const { sub } = claimsOf(sessions[0]!.access_token);
      const rows = await sql(
        'SELECT trigger, kind, issued_before::float8 AS before FROM revocations WHERE subject = $1',
        [sub],
      );
      expect(rows).toEqual([
        { trigger: 'logout_everywhere', kind: 'subject', before: expect.any(Number) },
      ]);
    });

    it('separates earlier from later tokens exactly, even several times a second', async () => {
      const user = await auth.register();
      for (let round = 0; round < 5; round += 1) {
        const { access_token: token } = await auth.logIn(user);
        // 202 if NATS is slow; only the database matters here.
        const { status } = await auth.post('/logout/everywhere', { token });
        expect([202, 204]).toContain(status);
        const { sub, iat } = claimsOf(token);
        const [row] = await sql<{ before: number }>(
          'SELECT max(issued_before)::float8 AS before FROM revocations WHERE subject = $1',
          [sub],
        );
        expect(iat).toBeLessThan(row!.before);
        const again = await auth.logIn(user);
        expect(claimsOf(again.access_token).iat).toBeGreaterThanOrEqual(row!.before);
        expect(await auth.honours(again.access_token)).toBe(true);
      }
    });

    it('requires a live session', async () => {
      const { access_token: token } = await auth.logIn(ada);
      await auth.post('/logout', { token });
      const answer = await auth.post('/logout/everywhere', { token });
      expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
    });
  });

  describe('GET and DELETE /sessions', () => {
    const list = (token: string) => auth.send('GET', '/sessions', { token });
    const end = (token: string, sid: string) => auth.send('DELETE', `/sessions/${sid}`, { token });

    it('lists the live sessions of the account, newest first, and marks the current one', async () => {
      const user = await auth.register();
      const old = await auth.logIn(user);
      const gone = await auth.logIn(user);
      await auth.post('/logout', { token: gone.access_token });
      const headers = { 'user-agent': `Browser/${'1'.repeat(500)}` };
      const current = await auth.post('/login', {
        json: { username: user, password: 'correct horse' },
        headers,
      });
      const { body, headers: got } = await list(current.body.access_token);
      expect(got.get('cache-control')).toBe('no-store');
      expect(body.sessions).toMatchObject([
        { sid: claimsOf(current.body.access_token).sid, current: true },
        { sid: old.sid, current: false },
      ]);
      expect(body.sessions[0]!.userAgent).toMatch(/^Browser\/1{248}$/);
    });

    it('ends a session, and answers alike when repeated', async () => {
      const [mine, other] = [await auth.logIn(ada), await auth.logIn(ada)];
      const answer = await end(mine.access_token, other.sid);
      expect(answer.status).toBe(204);
      expect(answer.headers.get('revocation-position')).toMatch(POSITION);
      expect((await end(mine.access_token, other.sid)).status).toBe(204);
      expect(await revocationsOf(other.sid)).toEqual([
        { trigger: 'session_ended', kind: 'session' },
      ]);
      expect(await auth.honours(other.access_token)).toBe(false);
      expect(await auth.honours(mine.access_token)).toBe(true);
    });

    it("answers alike for another user's session and an unknown one, and ends neither", async () => {
      const grace = await auth.logIn(await auth.register());
      const { access_token: token } = await auth.logIn(ada);
      const answers = [
        await end(token, grace.sid),
        await end(token, '00000000-0000-4000-8000-000000000000'),
      ];
      const [problem, same] = answers.map(({ body: { requestId: _, ...rest } }) => rest);
      expect(problem).toMatchObject({ status: 404, code: 'session_not_found' });
      expect(same).toEqual(problem);
      expect(await auth.honours(grace.access_token)).toBe(true);
    });

    it.each(['x', "' OR 1=1 --", '%00', '00000000-0000-0000-0000'])(
      'refuses a malformed id and names the field: %s',
      async (sid) => {
        const { access_token: token } = await auth.logIn(ada);
        const { status, body } = await end(token, encodeURIComponent(sid));
        expect({ status, field: body.errors[0]?.field }).toEqual({ status: 400, field: 'sid' });
      },
    );

    it.each([
      'GET /sessions',
      'DELETE /sessions',
      'DELETE /sessions/x',
      'POST /password',
      'POST /logout/everywhere',
    ])('%s requires a token before it validates anything', async (route) => {
      const [method, path] = route.split(' ') as [string, string];
      const answer = await auth.send(method, path);
      expect(answer).toMatchObject({ status: 401, body: { code: 'missing_token' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    });
  });

  describe('while a revocation cannot be published', () => {
    const unreadable = "subject = '' AND kind = 'subject'";
    beforeAll(() =>
      sql(
        `INSERT INTO revocations (id, kind, trigger, subject, issued_before, revoked_at, expires_at)
         VALUES (gen_random_uuid(), 'subject', 'logout_everywhere', '', 1, 1, $1)`,
        [Math.ceil(Date.now() / 1000) + 300],
      ),
    );
    afterAll(() => sql(`DELETE FROM revocations WHERE ${unreadable}`));

    it('answers 204 to a repeated log-out, by any route', async () => {
      const { access_token: token, refresh_token: refreshToken, sid } = await auth.logIn(ada);
      const { access_token: another } = await auth.logIn(ada);
      const admin = await auth.adminToken();
      const ways = [
        () => auth.post('/logout', { token }),
        () => auth.post('/logout', { json: { refreshToken } }),
        () => auth.send('DELETE', `/sessions/${sid}`, { token: another }),
        () => auth.send('DELETE', `/admin/sessions/${sid.toUpperCase()}`, { token: admin }),
      ];
      const statuses = [];
      for (const logOut of [...ways, ...ways]) statuses.push((await logOut()).status);
      expect(statuses).toEqual(ways.concat(ways).map(() => 204));
      expect((await auth.post('/logout?confirm=100', { token })).status).toBe(200);
    });
  });

  describe('when NATS cannot be reached', () => {
    it('answers 202 with the longest delay, and publishes once NATS is back', async () => {
      const { access_token: token, refresh_token: refresh, sid } = await auth.logIn(ada);
      await testbed.nats.stop();
      const answer = await auth.post('/logout', { token });
      expect(answer).toMatchObject({
        status: 202,
        body: { recorded: true, accessTokensMayLiveSeconds: expect.any(Number) },
      });
      expect(answer.headers.get('revocation-position')).toBeNull();
      expect((await auth.refresh(refresh)).status).toBe(400);
      expect((await auth.post('/logout', { token })).status).toBe(202);
      await testbed.nats.restart();
      await waitFor(async () => (await auth.post('/logout', { token })).status === 204, {
        timeoutMs: 20_000,
      });
      expect(
        await sql('SELECT FROM revocations WHERE session_id = $1 AND published_at IS NULL', [sid]),
      ).toEqual([]);
    });
  });
});
