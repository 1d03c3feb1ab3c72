import {
  startTestDatabase,
  startTestNats,
  waitFor,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { DataSource } from 'typeorm';
import { AuthReplica } from './auth-fixture.js';

const ORIGIN = 'https://shop.test';

/** Settings of a database or role that the service's statements must not inherit. */
const DEFAULTS: Readonly<Record<string, string>> = {
  datestyle: 'German, DMY',
  intervalstyle: 'sql_standard',
  timezone: 'Asia/Kathmandu',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  array_nulls: 'off',
  transform_null_equals: 'on',
  standard_conforming_strings: 'off',
  search_path: 'nowhere',
  row_security: 'off',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
  default_transaction_deferrable: 'on',
  statement_timeout: '200ms',
  lock_timeout: '1ms',
  idle_in_transaction_session_timeout: '1ms',
  idle_session_timeout: '500ms',
  transaction_timeout: '500ms',
  synchronous_commit: 'off',
};

describe('on a database with unusual default settings', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let auth: AuthReplica;
  beforeAll(async () => {
    [database, nats] = await Promise.all([startTestDatabase(), startTestNats()]);
    const name = new URL(database.url).pathname.slice(1);
    const source = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    for (const [setting, value] of Object.entries(DEFAULTS))
      await source.query(`ALTER DATABASE ${name} SET ${setting} = '${value}'`);
    await source.destroy();
    const env = { SESSION_STORE_URL: database.url, SESSION_ORIGINS: ORIGIN };
    auth = await AuthReplica.start({
      databaseUrl: database.url,
      nats: nats.credentials('auth'),
      env,
    });
  });
  afterAll(async () => {
    await auth.close();
    await Promise.all([nats.close(), database.drop()]);
  });

  it('users log in concurrently, refresh, list their sessions and log out', async () => {
    const ada = await auth.register();
    const sessions = await Promise.all(Array.from({ length: 8 }, () => auth.logIn(ada)));
    const [first, ...others] = sessions as [(typeof sessions)[0], ...typeof sessions];
    const listed = await auth.send('GET', '/sessions', { token: first.access_token });
    expect(listed.status).toBe(200);
    expect(listed.body.sessions).toHaveLength(8);
    for (const session of listed.body.sessions as unknown as { expiresAt: string }[])
      expect(Date.parse(session.expiresAt)).toBeGreaterThan(Date.now());

    const refreshed = await Promise.all(
      others.map(({ refresh_token: token }) => auth.refresh(token)),
    );
    expect(refreshed.map(({ status }) => status)).toEqual(others.map(() => 200));

    await waitFor(async () => {
      const { access_token: token } = await auth.logIn(ada);
      return (await auth.post('/logout', { token })).status === 204;
    });
    for (const { access_token: token } of others.slice(0, 3))
      expect((await auth.post('/logout', { token })).status).toBe(204);
    const { status } = await auth.post('/logout/everywhere', { token: first.access_token });
    expect(status).toBe(204);
    for (const { access_token: token } of sessions) expect(await auth.honours(token)).toBe(false);
  });

  it('users change passwords, and an administrator disables an account', async () => {
    const ada = await auth.register();
    const { access_token: token } = await auth.logIn(ada);
    const json = { currentPassword: 'correct horse', newPassword: 'battery staple 2' };
    expect((await auth.post('/password', { token, json })).status).toBe(200);
    expect((await auth.login(ada)).status).toBe(401);
    const disabled = await auth.post(`/admin/users/${ada}/disable`, {
      token: await auth.adminToken(),
    });
    expect(disabled.status).toBe(204);
  });

  it('cookie sessions start and end', async () => {
    const ada = await auth.register();
    const headers = { origin: ORIGIN };
    const json = { username: ada, password: 'correct horse' };
    const { status, headers: answered } = await auth.post('/session/login', { json, headers });
    expect(status).toBe(200);
    const cookie = answered.getSetCookie()[0]!.split(';')[0]!;
    const ended = await auth.send('DELETE', '/session', { headers: { ...headers, cookie } });
    expect(ended.status).toBe(204);
  });
});
