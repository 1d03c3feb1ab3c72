import {
  startTestDatabase,
  startTestNats,
  waitFor,
  waitingFor,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { DataSource, type EntityManager } from 'typeorm';
import {
  AuthReplica,
  claimsOf,
  PASSWORD,
  refreshCookieOf,
  type Answer,
} from '../../../test/auth-fixture.js';
import { familyOf, hashRefreshToken, newRefreshToken } from './refresh-token.js';

const ORIGIN = { origin: 'http://auth.test:4000' };

describe('the refresh_token grant', () => {
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
  /** Backdates the use of a session's refresh tokens. */
  const age = (sid: string, seconds: number) =>
    sql(
      `UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $2) WHERE session_id = $1`,
      [sid, seconds],
    );
  const revocationsOf = (sid: string) =>
    sql<{ trigger: string }>('SELECT trigger FROM revocations WHERE session_id = $1', [sid]);
  const rowsOf = (sid: string) => sql('SELECT FROM refresh_tokens WHERE session_id = $1', [sid]);
  const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };

  it('issues a new pair for the same session and forbids caching', async () => {
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

  it('stores no usable token in the database', async () => {
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

  it('narrows the scope of this access token only', async () => {
    const { refresh_token: token } = await auth.logIn(ada);
    const narrow = await auth.refresh(token, { scope: 'orders:read  payments:read' });
    expect(narrow.body).toMatchObject({ scope: 'orders:read payments:read' });
    expect(claimsOf(narrow.body.access_token).scope).toBe('orders:read payments:read');
    const wide = await auth.refresh(narrow.body.refresh_token);
    expect(wide.body['scope']).toContain('inventory:write');
  });

  it.each(['orders:admin', 'orders:read auth:admin', 'constructor', ' '])(
    'refuses to widen the scope to %j, and leaves the token unused',
    async (scope) => {
      const { refresh_token: token } = await auth.logIn(ada);
      expect(await auth.refresh(token, { scope })).toMatchObject({
        status: 400,
        body: { error: 'invalid_scope' },
      });
      expect((await auth.refresh(token)).status).toBe(200);
    },
  );

  describe('when legitimate requests race', () => {
    it('returns the same successor to all of them, across two replicas', async () => {
      const { refresh_token: token, sid } = await auth.logIn(ada);
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, index) => replicas[index % 2]!.refresh(token)),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
      expect(await sql('SELECT FROM refresh_tokens WHERE session_id = $1', [sid])).toHaveLength(2);
      expect(await auth.honours(answers[7]!.body.access_token)).toBe(true);
    });

    it('continues the session with that successor', async () => {
      let { refresh_token: token } = await auth.logIn(ada);
      for (let round = 0; round < 5; round += 1) {
        const answers = await Promise.all(replicas.map((replica) => replica.refresh(token)));
        token = answers[round % 2]!.body.refresh_token;
      }
      expect((await auth.refresh(token)).status).toBe(200);
    });
  });

  describe('when a token is reused', () => {
    const expectReuseToEnd = async (sid: string, replay: () => Promise<Answer>, alive: string) => {
      expect(await replay()).toMatchObject(invalidGrant);
      expect(await revocationsOf(sid)).toEqual([{ trigger: 'refresh_token_reused' }]);
      expect(await auth.refresh(alive)).toMatchObject(invalidGrant);
    };

    it('ends the session after the grace period', async () => {
      const { refresh_token: first, sid } = await auth.logIn(ada);
      const { body } = await auth.refresh(first);
      await age(sid, 11);
      await expectReuseToEnd(sid, () => auth.refresh(first), body.refresh_token);
      expect(await auth.honours(body.access_token)).toBe(false);
    });

    it('ends the session for an older ancestor, even within the grace period', async () => {
      const { refresh_token: first, sid } = await auth.logIn(ada);
      const second = await auth.refresh(first);
      const third = await auth.refresh(second.body.refresh_token);
      await expectReuseToEnd(sid, () => auth.refresh(first), third.body.refresh_token);
    });

    it('ends the session for any ancestor, without keeping a row for each', async () => {
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
      'ends the session at %s, even with a token whose row was deleted',
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

    it('ignores a token that was never issued', async () => {
      const { refresh_token: token, sid } = await auth.logIn(ada);
      const unknown = [newRefreshToken(), newRefreshToken().slice(24), token.slice(0, 24)];
      for (const each of unknown) expect(await auth.refresh(each)).toMatchObject(invalidGrant);
      expect(await revocationsOf(sid)).toEqual([]);
      expect((await auth.refresh(token)).status).toBe(200);
    });

    it('keeps only the last two tokens of a family that a password change replaced', async () => {
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

    it('revokes once for concurrent reuse on two replicas', async () => {
      const { refresh_token: first, sid } = await auth.logIn(ada);
      await auth.refresh(first);
      await age(sid, 60);
      const replays = Array.from({ length: 20 }, (_, index) => replicas[index % 2]!.refresh(first));
      for (const answer of await Promise.all(replays)) expect(answer).toMatchObject(invalidGrant);
      expect(await revocationsOf(sid)).toHaveLength(1);
    });

    it("leaves the user's other sessions alone", async () => {
      const [{ refresh_token: first, sid }, other] = [await auth.logIn(ada), await auth.logIn(ada)];
      await auth.refresh(first);
      await age(sid, 60);
      await auth.refresh(first);
      expect(await auth.honours(other.access_token)).toBe(true);
    });
  });

  describe('when a token dates from before families', () => {
    /** Writes a session's newest token and its ancestors as that release did. */
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

    it('issues successors that have a family', async () => {
      const { sid } = await auth.logIn(ada);
      let [, , token] = await giveLegacyTokens(sid);
      for (let round = 0; round < 3; round += 1) {
        const answers = await Promise.all(replicas.map((replica) => replica.refresh(token!)));
        expect(answers[0]!.body.refresh_token).toBe(answers[1]!.body.refresh_token);
        token = answers[0]!.body.refresh_token;
      }
      expect(familyOf(token!)).toBeDefined();
    });

    it('ends the session when an ancestor is reused, even after a successor with a family', async () => {
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
    it('refuses every token, even within the grace period', async () => {
      const { refresh_token: first } = await auth.logIn(ada);
      const { body } = await auth.refresh(first);
      await auth.post('/logout', { token: body.access_token });
      expect(await auth.refresh(first)).toMatchObject(invalidGrant);
      expect(await auth.refresh(body.refresh_token)).toMatchObject(invalidGrant);
    });

    it.each(['/logout', '/logout/everywhere'])(
      'leaves no valid token from refreshes that race with %s',
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
          // Verifiers know only the revocation, so it must cover each token by session or by `iat`.
          if (path === '/logout') expect(await revocationsOf(user.sid)).toHaveLength(1);
          else
            for (const { status, body } of answers)
              if (status === 200) expect(claimsOf(body.access_token).iat).toBeLessThan(row!.before);
        }
      },
    );
  });

  describe('during a revocation by time', () => {
    /** Resolves once a connection waits for a lock of the holder, or of the manager's own connection. */
    const lockWait = (manager: EntityManager, holder?: number) =>
      waitFor(async () => {
        const waiting = await waitingFor((query, ids) => manager.query(query, ids), holder);
        return waiting.length > 0;
      });

    it.each([
      [
        'of the user',
        'SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE',
        'UPDATE users SET tokens_valid_from = extract(epoch FROM now())::bigint + 1 WHERE id = $1',
      ],
      ['that disables the user', 'UPDATE users SET disabled_at = now() WHERE id = $1', 'SELECT $1'],
    ])('waits for a revocation %s', async (_, lock, finish) => {
      const user = await auth.logIn(await auth.register());
      const { sub } = claimsOf(user.access_token);
      let refreshing: Promise<Answer> | undefined;
      await auth.service.app.get(DataSource).transaction(async (manager) => {
        await manager.query(lock, [sub]);
        refreshing = auth.refresh(user.refresh_token);
        await lockWait(manager);
        await manager.query(finish, [sub]);
      });
      expect(await refreshing).toMatchObject(invalidGrant);
    });

    /** The server has other databases, in which other tests revoke clients at the same time. */
    const clientLockHolder = async () => {
      const [held] = await sql<{ pid: number }>(
        `SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database
         WHERE datname = current_database() AND locktype = 'advisory' AND classid = 52824
           AND mode = 'ExclusiveLock' AND granted`,
      );
      return held?.pid;
    };

    it('waits for a revocation of the client', async () => {
      const user = await auth.logIn(ada);
      const admin = await auth.adminToken();
      const asked = await auth.service.app.get(DataSource).transaction(async (manager) => {
        // Stops the revocation after it has locked the client.
        await manager.query('LOCK TABLE revocations IN SHARE MODE');
        const revoking = auth.post('/admin/clients/latchkey-web/revoke', { token: admin });
        const holder = await waitFor(clientLockHolder);
        const refreshing = auth.refresh(user.refresh_token);
        await lockWait(manager, holder);
        // Wrapped in an object, so that the transaction does not await the promises.
        return { revoking, refreshing };
      });
      expect(await asked.refreshing).toMatchObject(invalidGrant);
      expect([202, 204]).toContain((await asked.revoking).status);
      expect((await auth.refresh((await auth.logIn(ada)).refresh_token)).status).toBe(200);
    });

    it('leaves no valid token from refreshes that race with a revocation of the client', async () => {
      for (let round = 0; round < 3; round += 1) {
        const user = await auth.logIn(ada);
        const admin = await auth.adminToken();
        const revoking = auth.post('/admin/clients/latchkey-web/revoke', { token: admin });
        const given = [user];
        let answer = await auth.refresh(user.refresh_token);
        while (answer.status === 200) {
          given.push({ ...answer.body, sid: user.sid });
          answer = await replicas[given.length % 2]!.refresh(answer.body.refresh_token);
        }
        expect(answer).toMatchObject(invalidGrant);
        expect([202, 204]).toContain((await revoking).status);
        const [row] = await sql<{ before: number }>(
          `SELECT max(issued_before)::float8 AS before FROM revocations WHERE kind = 'client'`,
        );
        for (const { access_token: token } of given) {
          expect(claimsOf(token).iat).toBeLessThan(row!.before);
          expect(await auth.honours(token)).toBe(false);
        }
      }
    });
  });

  describe('when time passes', () => {
    it('ends an idle session', async () => {
      const { refresh_token: token, sid } = await auth.logIn(ada);
      await sql('UPDATE sessions SET idle_expires_at = now() WHERE id = $1', [sid]);
      expect(await auth.refresh(token)).toMatchObject(invalidGrant);
    });

    it('extends a session that is used, up to its absolute lifetime', async () => {
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

    it('sends the successor in the cookie, never in the body', async () => {
      const { cookie } = await login();
      const answer = await refresh(cookie);
      expect(answer.status).toBe(200);
      expect(answer.body).not.toHaveProperty('refresh_token');
      expect(refreshCookieOf(answer)).not.toBe(cookie);
      expect((await refresh(refreshCookieOf(answer)!)).status).toBe(200);
    });

    it('keeps the token in the cookie even if it is sent in the form', async () => {
      const { cookie } = await login();
      const answer = await auth.refresh(cookie);
      expect(answer.body).not.toHaveProperty('refresh_token');
      expect(refreshCookieOf(answer)).toEqual(expect.any(String));
    });

    it('sets the same cookie for tabs that race', async () => {
      const { cookie } = await login();
      const answers = await Promise.all([refresh(cookie), refresh(cookie), refresh(cookie)]);
      expect(new Set(answers.map(refreshCookieOf)).size).toBe(1);
    });

    it('keeps the cookie when a refresh fails, because it may belong to the winner of a race', async () => {
      const { cookie, body } = await login();
      await auth.post('/logout', { token: body.access_token });
      const answer = await refresh(cookie);
      expect(answer).toMatchObject(invalidGrant);
      expect(answer.headers.getSetCookie()).toEqual([]);
    });

    it.each([
      ['another site', { origin: 'https://evil.test' }],
      [
        'a sibling subdomain',
        { origin: 'http://evil.auth.test:4000', 'sec-fetch-site': 'same-site' },
      ],
      ['another port', { origin: 'http://auth.test:4001' }],
      ['a sandboxed frame', { origin: 'null' }],
      ['an unknown origin', {}],
      ['a same-site page without Origin', { 'sec-fetch-site': 'same-site' }],
    ] as [string, Record<string, string>][])(
      'refuses the cookie from %s, and leaves it unused',
      async (_, headers) => {
        const { cookie } = await login();
        const answer = await refresh(cookie, headers);
        expect(answer).toMatchObject({ status: 403, body: { error: 'invalid_request' } });
        expect((await refresh(cookie)).status).toBe(200);
      },
    );
  });
});
