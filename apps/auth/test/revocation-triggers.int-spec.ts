import {
  REVOCATION_AUTHORS,
  REVOCATION_TRIGGERS,
  type RevocationTrigger,
} from '@latchkey/contracts';
import { keyIdOf, PASSWORD, type AnswerBody, type AuthReplica } from './auth-fixture.js';
import { useAuth } from './auth-testbed.js';
import { idsOf, statusOf } from './status-fixture.js';
import { exchangeToken, EXCHANGING_CLIENTS } from './token-exchange-fixture.js';

type Session = AnswerBody & { readonly sid: string };
type Act = (auth: AuthReplica, session: Session, username: string) => Promise<unknown>;

const asAdmin = async (auth: AuthReplica, method: string, path: string, json?: object) =>
  auth.send(method, `/admin${path}`, { token: await auth.adminToken(), json });

/**
 * The request of a user, a client or an administrator that causes a revocation with each trigger. Returns another
 * token that it revokes, if it is not the session's.
 */
const ACTS: Record<RevocationTrigger, Act> = {
  logout: (auth, { access_token: token }) => auth.post('/logout', { token }),
  logout_everywhere: (auth, { access_token: token }) => auth.post('/logout/everywhere', { token }),
  session_ended: async (auth, { sid }, username) => {
    const { access_token: token } = await auth.logIn(username);
    return auth.send('DELETE', `/sessions/${sid}`, { token });
  },
  session_ended_by_admin: (auth, { sid }) => asAdmin(auth, 'DELETE', `/sessions/${sid}`),
  sessions_ended_by_admin: (auth, _, username) =>
    asAdmin(auth, 'DELETE', `/users/${username}/sessions`),
  session_cap_reached: async (auth, _, username) => {
    for (let count = 0; count < 3; count += 1) await auth.logIn(username);
  },
  token_revoked: (auth, { access_token: token }) =>
    auth.post('/oauth/revoke', { form: { token, client_id: 'latchkey-web' } }),
  parent_token_revoked: async (auth, { access_token: token }) => {
    const { body } = await exchangeToken(auth, 'orders', token);
    await auth.post('/oauth/revoke', { form: { token, client_id: 'latchkey-web' } });
    return body.access_token;
  },
  refresh_token_revoked: (auth, { refresh_token: token }) =>
    auth.post('/oauth/revoke', { form: { token, client_id: 'latchkey-web' } }),
  refresh_token_reused: async (auth, { refresh_token: token }) => {
    const { body } = await auth.refresh(token);
    await auth.refresh(body.refresh_token);
    await auth.refresh(token);
  },
  password_changed: async (auth, _, username) => {
    const { access_token: token } = await auth.logIn(username);
    const json = { currentPassword: PASSWORD, newPassword: 'another battery staple' };
    return auth.post('/password', { token, json });
  },
  password_reset: (auth, _, username) =>
    asAdmin(auth, 'PUT', `/users/${username}/password`, { password: 'another battery staple' }),
  role_removed: async (auth, _, username) => {
    await asAdmin(auth, 'PUT', `/users/${username}/roles`, { roles: ['admin'] });
    return asAdmin(auth, 'PUT', `/users/${username}/roles`, { roles: [] });
  },
  user_disabled: (auth, _, username) => asAdmin(auth, 'POST', `/users/${username}/disable`),
  client_revoked: (auth) => asAdmin(auth, 'POST', '/clients/latchkey-web/revoke'),
  signing_key_revoked: (auth, { access_token: token }) =>
    asAdmin(auth, 'POST', `/signing-keys/${keyIdOf(token)}/revoke`),
};

describe('every trigger of the contract', () => {
  const { auth, sql } = useAuth({
    env: { SESSIONS_PER_ACCOUNT: '3', OAUTH_CLIENTS: EXCHANGING_CLIENTS },
  });

  it.each(Object.entries(REVOCATION_TRIGGERS))(
    '%s causes a revocation of the kind %s, the token is rejected, and its status says why',
    async (trigger, kind) => {
      const username = await auth.register();
      const session = await auth.logIn(username);
      expect(await auth.honours(session.access_token)).toBe(true);
      expect(await statusOf(auth, idsOf(session.access_token))).toMatchObject({ revoked: false });
      const other = await ACTS[trigger as RevocationTrigger](auth, session, username);
      expect(await auth.honours(session.access_token)).toBe(false);
      const rows = await sql<{ kind: string; at: Date }>(
        'SELECT kind, created_at AS at FROM revocations WHERE trigger = $1',
        [trigger],
      );
      expect(rows.map((row) => row.kind)).toEqual([kind]);
      const revoked = typeof other === 'string' ? other : session.access_token;
      expect(await statusOf(auth, idsOf(revoked))).toMatchObject({
        revoked: true,
        reason: trigger,
        by: REVOCATION_AUTHORS[trigger as RevocationTrigger],
        at: rows[0]!.at.toISOString(),
      });
    },
  );
});
