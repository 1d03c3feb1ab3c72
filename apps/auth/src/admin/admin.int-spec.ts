import { waitFor } from '@latchkey/testing';
import { createHash } from 'node:crypto';
import { claimsOf, CLIENT, keyIdOf, type AuthReplica } from '../../test/auth-fixture.js';
import { useAuth } from '../../test/auth-testbed.js';
import { MAX_REVOKED_KEYS } from '../revocations/revoked-keys.js';

const POSITION = /^\d+$/;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

describe('/admin', () => {
  const { auth, sql, startReplica } = useAuth({ env: { SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '1' } });
  let admin: string;
  beforeEach(async () => {
    admin = await auth.adminToken();
  });

  const as = (token: string, method: string, path: string) =>
    auth.send(method, `/admin${path}`, { token });
  const introspects = async (replica: AuthReplica, secret: string) => {
    const form = { token: 'x', client_id: CLIENT.id, client_secret: secret };
    return (await replica.post('/oauth/introspect', { form })).status === 200;
  };

  it.each([
    'POST /users/root/disable',
    'POST /users/root/enable',
    `DELETE /sessions/${UNKNOWN_ID}`,
    'POST /clients/latchkey-web/revoke',
    'GET /signing-keys',
    'POST /signing-keys/rotate',
    'POST /signing-keys/x/revoke',
  ])('%s requires a token with the scope auth:admin', async (route) => {
    const [method, path] = route.split(' ') as [string, string];
    const { access_token: token } = await auth.logIn(await auth.register());
    expect(await as(token, method, path)).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope' },
    });
    expect((await auth.send(method, `/admin${path}`)).status).toBe(401);
    const forged = `${token.slice(0, -4)}AAAA`;
    expect((await as(forged, method, path)).status).toBe(401);
  });

  it.each([
    'POST /users/nobody-has-this-name/disable',
    'POST /users/nobody-has-this-name/enable',
    `DELETE /sessions/${UNKNOWN_ID}`,
    'POST /clients/unknown/revoke',
    'POST /signing-keys/unknown/revoke',
  ])('%s returns 404', async (route) => {
    const [method, path] = route.split(' ') as [string, string];
    expect((await as(admin, method, path)).status).toBe(404);
  });

  describe('disabling a user', () => {
    it('ends every session, and blocks log-in until the user is enabled again', async () => {
      const user = await auth.register();
      const sessions = [await auth.logIn(user), await auth.logIn(user)];
      const answer = await as(admin, 'POST', `/users/${user.toUpperCase()}/disable`);
      expect(answer.status).toBe(204);
      expect(answer.headers.get('revocation-position')).toMatch(POSITION);
      for (const { access_token: token, refresh_token: refresh } of sessions) {
        expect(await auth.honours(token)).toBe(false);
        expect((await auth.refresh(refresh)).status).toBe(400);
      }
      expect((await auth.login(user)).status).toBe(401);
      const { sub } = claimsOf(sessions[0]!.access_token);
      expect(await sql('SELECT trigger FROM revocations WHERE subject = $1', [sub])).toEqual([
        { trigger: 'user_disabled' },
      ]);

      expect((await as(admin, 'POST', `/users/${user}/enable`)).status).toBe(204);
      expect(await auth.honours(sessions[0]!.access_token)).toBe(false);
      expect(await auth.honours((await auth.logIn(user)).access_token)).toBe(true);
    });

    it('leaves no session from a concurrent log-in', async () => {
      const user = await auth.register();
      const [disabled, ...logins] = await Promise.all([
        as(admin, 'POST', `/users/${user}/disable`),
        ...Array.from({ length: 6 }, () => auth.login(user)),
      ]);
      expect(disabled.status).toBe(204);
      for (const { status, body } of logins)
        if (status === 200) expect(await auth.honours(body.access_token)).toBe(false);
    });
  });

  it('ends any session of any user', async () => {
    const { access_token: token, sid } = await auth.logIn(await auth.register());
    const answer = await as(admin, 'DELETE', `/sessions/${sid}`);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('revocation-position')).toMatch(POSITION);
    expect(await auth.honours(token)).toBe(false);
    expect(await sql('SELECT trigger FROM revocations WHERE session_id = $1', [sid])).toEqual([
      { trigger: 'session_ended_by_admin' },
    ]);
  });

  describe('revoking a client', () => {
    it('ends the sessions of a public client, which accepts log-ins again at once', async () => {
      const user = await auth.register();
      const { access_token: token, refresh_token: refresh } = await auth.logIn(user);
      const answer = await as(admin, 'POST', '/clients/latchkey-web/revoke');
      expect(answer.status).toBe(204);
      expect(await auth.honours(token)).toBe(false);
      expect(await auth.honours(admin)).toBe(false);
      expect((await auth.refresh(refresh)).status).toBe(400);
      const [row] = await sql<{ before: number }>(
        `SELECT max(issued_before)::float8 AS before FROM revocations WHERE trigger = 'client_revoked'`,
      );
      expect(claimsOf(token).iat).toBeLessThan(row!.before);
      const again = await auth.logIn(user);
      expect(claimsOf(again.access_token).iat).toBeGreaterThanOrEqual(row!.before);
      expect(await auth.honours(again.access_token)).toBe(true);
    });

    it('voids the secret of a confidential client on every replica, until it has a new one', async () => {
      const secret = 'the next secret';
      const hash = createHash('sha256').update(secret).digest('hex');
      const clients = JSON.stringify([{ clientId: CLIENT.id, secretSha256: hash }]);
      const other = await startReplica();
      try {
        expect(await introspects(other, CLIENT.secret)).toBe(true);
        const path = `/clients/${CLIENT.id}/revoke`;
        expect((await as(admin, 'POST', path)).status).toBe(204);
        for (const replica of [auth, other])
          expect(await introspects(replica, CLIENT.secret)).toBe(false);
      } finally {
        await other.close();
      }
      const renewed = await startReplica({ OAUTH_CLIENTS: clients });
      try {
        expect(await introspects(renewed, CLIENT.secret)).toBe(false);
        expect(await introspects(renewed, secret)).toBe(true);
      } finally {
        await renewed.close();
      }
    });
  });

  describe('signing keys', () => {
    const rotate = () =>
      waitFor(
        async () => {
          const answer = await as(admin, 'POST', '/signing-keys/rotate');
          if (answer.status === 409)
            expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
          return answer.status === 200 && answer;
        },
        { intervalMs: 100 },
      );

    it('are rotated once the next key is known, and old tokens stay valid', async () => {
      const user = await auth.register();
      const { access_token: old } = await auth.logIn(user);
      const { body } = await rotate();
      const { access_token: fresh } = await auth.logIn(user);
      expect(keyIdOf(fresh)).toBe(body['keyId']);
      expect(keyIdOf(old)).not.toBe(keyIdOf(fresh));
      expect(await auth.honours(old)).toBe(true);
      const { body: listed } = await as(admin, 'GET', '/signing-keys');
      expect(listed.keys.find(({ keyId }) => keyId === keyIdOf(fresh))?.state).toBe('active');
      expect(listed.keys.find(({ keyId }) => keyId === keyIdOf(old))?.state).toBe('retiring');
      expect(JSON.stringify(listed)).not.toMatch(/"d"|private/i);
    });

    it('are revoked at once, together with their tokens', async () => {
      const user = await auth.register();
      const { access_token: doomed } = await auth.logIn(user);
      const answer = await as(admin, 'POST', `/signing-keys/${keyIdOf(doomed)}/revoke`);
      expect(answer.status).toBe(204);
      expect(answer.headers.get('revocation-position')).toMatch(POSITION);
      expect(await auth.honours(doomed)).toBe(false);
      expect((await auth.post('/logout', { token: doomed })).status).toBe(401);
      expect(await auth.honours((await auth.logIn(user)).access_token)).toBe(true);
      const again = await as(
        await auth.adminToken(),
        'POST',
        `/signing-keys/${keyIdOf(doomed)}/revoke`,
      );
      expect(again.status).toBe(404);
    });

    it('cannot be revoked beyond what a watermark can name', async () => {
      await sql(
        `INSERT INTO revocations (id, kind, trigger, key_id, revoked_at, expires_at)
         SELECT gen_random_uuid(), 'key', 'signing_key_revoked', lpad(n::text, 43, 'k'),
                extract(epoch FROM now())::bigint, extract(epoch FROM now())::bigint + 3600
         FROM generate_series(1, $1 - (SELECT count(*)::int FROM revocations
                                       WHERE kind = 'key')) AS n`,
        [MAX_REVOKED_KEYS],
      );
      const path = `/signing-keys/${keyIdOf(admin)}/revoke`;
      const refused = await as(admin, 'POST', path);
      expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_revoked_keys' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500);
      expect(refused.text).toContain('rotate the keys instead');
      expect((await as(admin, 'POST', '/signing-keys/unknown/revoke')).status).toBe(404);
      expect(await auth.honours(admin)).toBe(true);
      await sql(`UPDATE revocations SET expires_at = 1 WHERE key_id = lpad('1', 43, 'k')`);
      expect((await as(admin, 'POST', path)).status).toBe(204);
      expect(await auth.honours(admin)).toBe(false);
    });
  });
});
