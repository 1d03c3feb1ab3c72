import { REVOCATION_TRIGGERS, type RevocationTrigger } from '@latchkey/contracts';
import {
  startTestDatabase,
  startTestNats,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { DataSource } from 'typeorm';
import { AuthReplica, PASSWORD, type AnswerBody } from './auth-fixture.js';
import { exchangeToken, EXCHANGING_CLIENTS } from './token-exchange-fixture.js';

type Session = AnswerBody & { readonly sid: string };
type Deed = (auth: AuthReplica, session: Session, username: string) => Promise<unknown>;

const asAdmin = async (auth: AuthReplica, method: string, path: string) =>
  auth.send(method, `/admin${path}`, { token: await auth.adminToken() });
const kidOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid;

/** What a user, a client or an administrator does; the table of the contract says what must follow. */
const DEEDS: Record<RevocationTrigger, Deed> = {
  logout: (auth, { access_token: token }) => auth.post('/logout', { token }),
  logout_everywhere: (auth, { access_token: token }) => auth.post('/logout/everywhere', { token }),
  session_ended: async (auth, { sid }, username) => {
    const { access_token: token } = await auth.logIn(username);
    return auth.send('DELETE', `/sessions/${sid}`, { token });
  },
  session_ended_by_admin: (auth, { sid }) => asAdmin(auth, 'DELETE', `/sessions/${sid}`),
  session_cap_reached: async (auth, _, username) => {
    for (let count = 0; count < 3; count += 1) await auth.logIn(username);
  },
  token_revoked: (auth, { access_token: token }) =>
    auth.post('/oauth/revoke', { form: { token, client_id: 'latchkey-web' } }),
  parent_token_revoked: async (auth, { access_token: token }) => {
    await exchangeToken(auth, 'orders', token);
    return auth.post('/oauth/revoke', { form: { token, client_id: 'latchkey-web' } });
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
  user_disabled: (auth, _, username) => asAdmin(auth, 'POST', `/users/${username}/disable`),
  client_revoked: (auth) => asAdmin(auth, 'POST', '/clients/latchkey-web/revoke'),
  signing_key_revoked: (auth, { access_token: token }) =>
    asAdmin(auth, 'POST', `/signing-keys/${kidOf(token)}/revoke`),
};

describe('every trigger of the contract', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let auth: AuthReplica;

  beforeAll(async () => {
    [database, nats] = await Promise.all([startTestDatabase(), startTestNats()]);
    const env = { SESSIONS_PER_ACCOUNT: '3', OAUTH_CLIENTS: EXCHANGING_CLIENTS };
    auth = await AuthReplica.start({
      databaseUrl: database.url,
      nats: nats.credentials('auth'),
      env,
    });
  });
  afterAll(async () => {
    await auth.close();
    await nats.close();
    await database.drop();
  });

  const sql = <Row extends object>(query: string, parameters?: unknown[]): Promise<Row[]> =>
    auth.service.app.get(DataSource).query<Row[]>(query, parameters);

  it.each(Object.entries(REVOCATION_TRIGGERS))(
    '%s ends in a revocation of kind %s, and the token is not honoured any more',
    async (trigger, kind) => {
      const username = await auth.register();
      const session = await auth.logIn(username);
      expect(await auth.honours(session.access_token)).toBe(true);
      await DEEDS[trigger as RevocationTrigger](auth, session, username);
      expect(await auth.honours(session.access_token)).toBe(false);
      expect(await sql('SELECT kind FROM revocations WHERE trigger = $1', [trigger])).toEqual([
        { kind },
      ]);
    },
  );
});
