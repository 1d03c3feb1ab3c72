import {
  startTestDatabase,
  startTestNats,
  waitFor,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { DataSource } from 'typeorm';
import {
  AuthReplica,
  claimsOf,
  PASSWORD,
  refreshCookieOf,
  type Answer,
} from '../../../test/auth-fixture.js';
import { familyOf, hashRefreshToken, newRefreshToken } from './refresh-token.js';

const ORIGIN = { origin: 'http://auth.test:4000' };

describe('the grant refresh_token', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let replicas: AuthReplica[];
  let auth: AuthReplica;
  let ada: string;

  beforeAll(async () => {
    [database, nats] = await Promise.all([startTestDatabase(), startTestNats()]);
    const surroundings = { databaseUrl: database.url, nats: nats.credentials('auth') };
    replicas = await Promise.all([1, 2].map(() => AuthReplica.start(surroundings)));
    auth = replicas[0]!;
    ada = await auth.register('ada');
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await nats.close();
    await database.drop();
  });

  const sql = <Row extends object>(query: string, parameters?: unknown[]): Promise<Row[]> =>
    auth.service.app.get(DataSource).query<Row[]>(query, parameters);
  /** As if so much time had passed since the refresh tokens of a session were used. */
  const age = (sid: string, seconds: number) =>
    sql(
      `UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $2) WHERE session_id = $1`,
      [sid, seconds],
    );
  const revocationsOf = (sid: string) =>
    sql<{ trigger: string }>('SELECT trigger FROM revocations WHERE session_id = $1', [sid]);
  const rowsOf = (sid: string) => sql('SELECT FROM refresh_tokens WHERE session_id = $1', [sid]);
  const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };

  it('gives a new pair of the same session, not to be stored by anybody between', async () => {
    const first = await auth.logIn(ada);
    const { status, headers, body } = await auth.refresh(first.refresh_token);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body.refresh_token).not.toBe(first.refresh_token);
    const [before, after] = [first, body].map(({ access_token }) => claimsOf(access_token));
    expect(after).toMatchObject({ sub: before!.sub, sid: before!.sid, scope: before!.scope });
    expect(after!.auth_time).toBe(before!.auth_time);
    expect(after!.jti).not.toBe(before!.jti);
  });

  it('keeps no token in the database that could be used', async () => {
    const first = await auth.logIn(ada);
    const { body } = await auth.refresh(first.refresh_token);
    const rows = await sql<Record<string, unknown>>('SELECT * FROM refresh_tokens');
    const stored = rows.flatMap((row) => Object.values(row)).map(String);
    const raw = rows.map(({ sealed_successor: sealed }) =>
      (sealed as Buffer | null)?.toString('latin1'),
    );
    for (const token of [first.refresh_token, body.refresh_token])
      expect([...stored, ...raw].filter((text) => text?.includes(token))).toEqual([]);
  });

  it('narrows the access token to a scope, and only this one', async () => {
    const { refresh_token: token } = await auth.logIn(ada);
    const narrow = await auth.refresh(token, { scope: 'orders:read  payments:read' });
    expect(narrow.body).toMatchObject({ scope: 'orders:read payments:read' });
    expect(claimsOf(narrow.body.access_token).scope).toBe('orders:read payments:read');
    const wide = await auth.refresh(narrow.body.refresh_token);
    expect(wide.body['scope']).toContain('inventory:write');
  });

  it.each(['orders:admin', 'orders:read auth:admin', 'constructor', ' '])(
    'does not widen to %j, and does not use the token up',
    async (scope) => {
      const { refresh_token: token } = await auth.logIn(ada);
      expect(await auth.refresh(token, { scope })).toMatchObject({
        status: 400,
        body: { error: 'invalid_scope' },
      });
      expect((await auth.refresh(token)).status).toBe(200);
    },
  );

  describe('when honest requests race', () => {
    it('gives all of them the same successor, on two replicas at once', async () => {
      const { refresh_token: token, sid } = await auth.logIn(ada);
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, index) => replicas[index % 2]!.refresh(token)),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
      expect(await sql('SELECT FROM refresh_tokens WHERE session_id = $1', [sid])).toHaveLength(2);
      expect(await auth.honours(answers[7]!.body.access_token)).toBe(true);
    });

    it('lets the session go on with that successor', async () => {
      let { refresh_token: token } = await auth.logIn(ada);
      for (let round = 0; round < 5; round += 1) {
        const answers = await Promise.all(replicas.map((replica) => replica.refresh(token)));
        token = answers[round % 2]!.body.refresh_token;
      }
      expect((await auth.refresh(token)).status).toBe(200);
    });
  });

  describe('when a token is used again', () => {
    const expectReuseToEnd = async (sid: string, replay: () => Promise<Answer>, alive: string) => {
      expect(await replay()).toMatchObject(invalidGrant);
      expect(await revocationsOf(sid)).toEqual([{ trigger: 'refresh_token_reused' }]);
      expect(await auth.refresh(alive)).toMatchObject(invalidGrant);
    };

    it('ends the session when that is after the grace', async () => {
      const { refresh_token: first, sid } = await auth.logIn(ada);
      const { body } = await auth.refresh(first);
      await age(sid, 11);
      await expectReuseToEnd(sid, () => auth.refresh(first), body.refresh_token);
      expect(await auth.honours(body.access_token)).toBe(false);
    });

    it('ends the session when it is an older ancestor, also within the grace', async () => {
      const { refresh_token: first, sid } = await auth.logIn(ada);
      const second = await auth.refresh(first);
      const third = await auth.refresh(second.body.refresh_token);
      await expectReuseToEnd(sid, () => auth.refresh(first), third.body.refresh_token);
    });

    it('ends the session however long ago it was used, without a row for it', async () => {
      const { refresh_token: first, sid } = await auth.logIn(ada);
      let token = first;
      for (let round = 0; round < 30; round += 1) {
        const answer = await replicas[round % 2]!.refresh(token);
        expect(answer.status).toBe(200);
        token = answer.body.refresh_token;
      }
      expect(await rowsOf(sid)).toHaveLength(2);
      await expectReuseToEnd(sid, () => auth.refresh(first), token);
    });

    it.each(['/logout', '/oauth/revoke'])(
      'ends the session at %s, also with a token that has no row any more',
      async (path) => {
        const { refresh_token: first, sid } = await auth.logIn(ada);
        const second = await auth.refresh(first);
        const third = await auth.refresh(second.body.refresh_token);
        const sent =
          path === '/logout'
            ? { json: { refreshToken: first } }
            : { form: { token: first, client_id: 'latchkey-web' } };
        expect((await auth.post(path, sent)).status).toBeLessThan(300);
        expect(await revocationsOf(sid)).toHaveLength(1);
        expect(await auth.refresh(third.body.refresh_token)).toMatchObject(invalidGrant);
      },
    );

    it('takes no notice of a token that was never issued', async () => {
      const { refresh_token: token, sid } = await auth.logIn(ada);
      const strangers = [newRefreshToken(), newRefreshToken().slice(24), token.slice(0, 24)];
      for (const stranger of strangers)
        expect(await auth.refresh(stranger)).toMatchObject(invalidGrant);
      expect(await revocationsOf(sid)).toEqual([]);
      expect((await auth.refresh(token)).status).toBe(200);
    });

    it('keeps nothing of a family that a change of the password replaced but its last two', async () => {
      const user = await auth.register();
      const { refresh_token: first, sid } = await auth.logIn(user);
      const second = await auth.refresh(first);
      const third = await auth.refresh(second.body.refresh_token);
      const changed = await auth.post('/password', {
        token: third.body.access_token,
        json: { currentPassword: PASSWORD, newPassword: 'another battery staple' },
      });
      const fifth = await auth.refresh(changed.body.refresh_token);
      const sixth = await auth.refresh(fifth.body.refresh_token);
      expect(await rowsOf(sid)).toHaveLength(4);
      await expectReuseToEnd(sid, () => auth.refresh(first), sixth.body.refresh_token);
    });

    it('revokes once, however often and wherever it is repeated', async () => {
      const { refresh_token: first, sid } = await auth.logIn(ada);
      await auth.refresh(first);
      await age(sid, 60);
      const replays = Array.from({ length: 20 }, (_, index) => replicas[index % 2]!.refresh(first));
      for (const answer of await Promise.all(replays)) expect(answer).toMatchObject(invalidGrant);
      expect(await revocationsOf(sid)).toHaveLength(1);
    });

    it('leaves the other sessions of the user alone', async () => {
      const [{ refresh_token: first, sid }, other] = [await auth.logIn(ada), await auth.logIn(ada)];
      await auth.refresh(first);
      await age(sid, 60);
      await auth.refresh(first);
      expect(await auth.honours(other.access_token)).toBe(true);
    });
  });

  describe('when a token is one of the release before families', () => {
    /** As that release writes them: the newest token of a session, and those that led to it. */
    const giveLegacyTokens = async (sid: string) => {
      const tokens = [1, 2, 3].map(() => newRefreshToken().slice(24));
      await sql('DELETE FROM refresh_tokens WHERE session_id = $1', [sid]);
      for (const [index, token] of tokens.entries())
        await sql(
          `INSERT INTO refresh_tokens (hash, session_id, used_at)
           VALUES ($1, $2, now() - CASE WHEN $3 THEN interval '1 minute' END)`,
          [hashRefreshToken(token), sid, index < 2],
        );
      return tokens;
    };

    it('goes on with tokens that have a family', async () => {
      const { sid } = await auth.logIn(ada);
      let [, , token] = await giveLegacyTokens(sid);
      for (let round = 0; round < 3; round += 1) {
        const answers = await Promise.all(replicas.map((replica) => replica.refresh(token!)));
        expect(answers[0]!.body.refresh_token).toBe(answers[1]!.body.refresh_token);
        token = answers[0]!.body.refresh_token;
      }
      expect(familyOf(token!)).toBeDefined();
    });

    it('ends the session when an ancestor is used again, also after that', async () => {
      for (const [refreshes, index] of [
        [0, 0],
        [3, 0],
        [3, 1],
        [3, 2],
      ] as const) {
        const { sid } = await auth.logIn(ada);
        const tokens = await giveLegacyTokens(sid);
        let token = tokens[2]!;
        for (let round = 0; round < refreshes; round += 1)
          token = (await auth.refresh(token)).body.refresh_token;
        expect(await auth.refresh(tokens[index]!)).toMatchObject(invalidGrant);
        expect(await revocationsOf(sid)).toEqual([{ trigger: 'refresh_token_reused' }]);
        expect(await auth.refresh(token)).toMatchObject(invalidGrant);
      }
    });
  });

  describe('when the user logs out', () => {
    it('gives nothing any more, also within the grace', async () => {
      const { refresh_token: first } = await auth.logIn(ada);
      const { body } = await auth.refresh(first);
      await auth.post('/logout', { token: body.access_token });
      expect(await auth.refresh(first)).toMatchObject(invalidGrant);
      expect(await auth.refresh(body.refresh_token)).toMatchObject(invalidGrant);
    });

    it.each(['/logout', '/logout/everywhere'])(
      'lets no token live that was given while %s was answered',
      async (path) => {
        for (let round = 0; round < 6; round += 1) {
          const user = await auth.logIn(ada);
          const requests = Array.from({ length: 8 }, (_, index) =>
            replicas[index % 2]!.refresh(user.refresh_token),
          );
          const logout = auth.post(path, { token: user.access_token });
          const answers = await Promise.all(requests);
          expect((await logout).status).toBe(204);
          for (const { status, body } of answers) {
            if (status !== 200) continue;
            expect(await auth.honours(body.access_token)).toBe(false);
            expect(await auth.refresh(body.refresh_token)).toMatchObject(invalidGrant);
          }
          const [row] = await sql<{ before: number }>(
            `SELECT max(issued_before)::float8 AS before FROM revocations WHERE subject = $1 AND kind = 'subject'`,
            [claimsOf(user.access_token).sub],
          );
          // Verifiers know only the revocation: each token must be covered by its session or its `iat`.
          if (path === '/logout') expect(await revocationsOf(user.sid)).toHaveLength(1);
          else
            for (const { status, body } of answers)
              if (status === 200) expect(claimsOf(body.access_token).iat).toBeLessThan(row!.before);
        }
      },
    );
  });

  describe('when a revocation by time is under way', () => {
    /** Answers nothing until the database says that somebody waits for a lock. */
    const somebodyWaits = () =>
      waitFor(async () => {
        const waiting = await sql(
          `SELECT FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return waiting.length > 0;
      });

    it.each([
      [
        'of the user',
        'SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE',
        'UPDATE users SET tokens_valid_from = extract(epoch FROM now())::bigint + 1 WHERE id = $1',
      ],
      ['that disables the user', 'UPDATE users SET disabled_at = now() WHERE id = $1', 'SELECT $1'],
    ])('waits for it: one %s', async (_, lock, finish) => {
      const user = await auth.logIn(await auth.register());
      const { sub } = claimsOf(user.access_token);
      let refreshing: Promise<Answer> | undefined;
      await auth.service.app.get(DataSource).transaction(async (manager) => {
        await manager.query(lock, [sub]);
        refreshing = auth.refresh(user.refresh_token);
        await somebodyWaits();
        await manager.query(finish, [sub]);
      });
      expect(await refreshing).toMatchObject(invalidGrant);
    });

    it('waits for it: one of the client', async () => {
      const user = await auth.logIn(ada);
      const admin = await auth.adminToken();
      const revoking = auth.post('/admin/clients/latchkey-web/revoke', { token: admin });
      await waitFor(async () => {
        const held = await sql(`SELECT FROM pg_locks WHERE locktype = 'advisory'
          AND mode = 'ExclusiveLock' AND granted AND classid = 52824`);
        return held.length > 0;
      });
      expect(await auth.refresh(user.refresh_token)).toMatchObject(invalidGrant);
      expect((await revoking).status).toBe(204);
      expect((await auth.refresh((await auth.logIn(ada)).refresh_token)).status).toBe(200);
    });
  });

  describe('when time passes', () => {
    it('ends a session that is idle', async () => {
      const { refresh_token: token, sid } = await auth.logIn(ada);
      await sql('UPDATE sessions SET idle_expires_at = now() WHERE id = $1', [sid]);
      expect(await auth.refresh(token)).toMatchObject(invalidGrant);
    });

    it('prolongs a session that is used, but not beyond its absolute end', async () => {
      const { refresh_token: token, sid, access_token: access } = await auth.logIn(ada);
      await sql(
        `UPDATE sessions SET idle_expires_at = now() + interval '1 minute',
         absolute_expires_at = now() + interval '1 hour' WHERE id = $1`,
        [sid],
      );
      const { body } = await auth.refresh(token);
      const listed = await auth.send('GET', '/sessions', { token: access });
      const session = listed.body.sessions.find((each) => each.sid === sid) as unknown as {
        expiresAt: string;
      };
      const minutes = (Date.parse(session.expiresAt) - Date.now()) / 60_000;
      expect(minutes).toBeGreaterThan(50);
      expect(minutes).toBeLessThan(61);
      await sql('UPDATE sessions SET absolute_expires_at = now() WHERE id = $1', [sid]);
      expect(await auth.refresh(body.refresh_token)).toMatchObject(invalidGrant);
    });
  });

  describe('with a cookie', () => {
    const login = async () => {
      const answer = await auth.login(ada, { refreshTokenDelivery: 'cookie' });
      return { ...answer, cookie: refreshCookieOf(answer)! };
    };
    const refresh = (cookie: string, headers: Record<string, string> = ORIGIN) =>
      auth.post('/oauth/token', {
        form: { grant_type: 'refresh_token' },
        headers: { cookie: `__Host-latchkey-refresh=${cookie}`, ...headers },
      });

    it('puts the successor into the cookie and never into the body', async () => {
      const { cookie } = await login();
      const answer = await refresh(cookie);
      expect(answer.status).toBe(200);
      expect(answer.body).not.toHaveProperty('refresh_token');
      expect(refreshCookieOf(answer)).not.toBe(cookie);
      expect((await refresh(refreshCookieOf(answer)!)).status).toBe(200);
    });

    it('does not move out of the cookie when it is sent in the form', async () => {
      const { cookie } = await login();
      const answer = await auth.refresh(cookie);
      expect(answer.body).not.toHaveProperty('refresh_token');
      expect(refreshCookieOf(answer)).toEqual(expect.any(String));
    });

    it('gives both tabs of a race the same cookie', async () => {
      const { cookie } = await login();
      const answers = await Promise.all([refresh(cookie), refresh(cookie), refresh(cookie)]);
      expect(new Set(answers.map(refreshCookieOf)).size).toBe(1);
    });

    it('leaves the cookie in the browser when it fails: it may be the winner’s', async () => {
      const { cookie, body } = await login();
      await auth.post('/logout', { token: body.access_token });
      const answer = await refresh(cookie);
      expect(answer).toMatchObject(invalidGrant);
      expect(answer.headers.getSetCookie()).toEqual([]);
    });

    it.each([
      ['another site', { origin: 'https://evil.test' }],
      [
        'a neighbouring subdomain',
        { origin: 'http://evil.auth.test:4000', 'sec-fetch-site': 'same-site' },
      ],
      ['another port', { origin: 'http://auth.test:4001' }],
      ['a sandboxed frame', { origin: 'null' }],
      ['who knows where', {}],
      ['a same-site page without Origin', { 'sec-fetch-site': 'same-site' }],
    ] as [string, Record<string, string>][])(
      'is refused from %s, and not used up',
      async (_, headers) => {
        const { cookie } = await login();
        const answer = await refresh(cookie, headers);
        expect(answer).toMatchObject({ status: 403, body: { error: 'invalid_request' } });
        expect((await refresh(cookie)).status).toBe(200);
      },
    );
  });
});
