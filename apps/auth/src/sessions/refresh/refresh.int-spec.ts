import { waitFor, waitingFor } from '@latchkey/testing';
import { DataSource, type EntityManager } from 'typeorm';
import { claimsOf, refreshCookieOf, type Answer } from '../../../test/auth-fixture.js';
import { useAuth } from '../../../test/auth-testbed.js';

const ada = 'ada';
const ORIGIN = { origin: 'http://auth.test:4000' };

describe('the refresh_token grant', () => {
  const { auth, replicas, sql } = useAuth({
    replicas: 2,
    users: [ada],
    env: { SESSION_ORIGINS: 'https://shop.test' },
  });
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
      const { refresh_token: token, sid } = await auth.logIn(ada);
      const { access_token: access } = await auth.logIn(ada);
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

    it('does not tell the holder of its access token when it was refreshed', async () => {
      const { access_token: token, sid } = await auth.logIn(ada);
      const { access_token: other } = await auth.logIn(ada);
      interface Times {
        readonly sid: string;
        readonly lastUsedAt: string;
        readonly expiresAt: string;
      }
      /** Both times, as minutes from now. */
      const timesSeenBy = async (asking: string) => {
        const { body } = await auth.send('GET', '/sessions', { token: asking });
        const listed = body.sessions as unknown as Times[];
        const { lastUsedAt, expiresAt } = listed.find((each) => each.sid === sid)!;
        // Adding 0 makes it of -0, too.
        return [lastUsedAt, expiresAt].map(
          (at) => Math.round((Date.parse(at) - Date.now()) / 60_000) + 0,
        );
      };
      await sql(
        `UPDATE sessions SET last_used_at = now() - interval '4 minutes',
         idle_expires_at = now() + interval '1 hour' WHERE id = $1`,
        [sid],
      );
      expect(await timesSeenBy(other)).toEqual([-4, 60]);
      expect(await timesSeenBy(token)).toEqual([0, 7 * 24 * 60]);
      await sql(
        `UPDATE sessions SET absolute_expires_at = now() + interval '2 hours' WHERE id = $1`,
        [sid],
      );
      expect(await timesSeenBy(token)).toEqual([0, 120]);
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

    it('accepts it from a page of another origin that is listed', async () => {
      const { cookie } = await login();
      const answer = await refresh(cookie, { origin: 'https://shop.test' });
      expect(answer.status).toBe(200);
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
