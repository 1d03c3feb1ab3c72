import {
  startTestDatabase,
  startTestNats,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { DataSource } from 'typeorm';
import { ADMIN, AuthReplica, PASSWORD } from './auth-fixture.js';

describe('administrators', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let replicas: AuthReplica[];
  let auth: AuthReplica;

  const start = (env: Record<string, string> = {}) =>
    AuthReplica.start({ databaseUrl: database.url, nats: nats.credentials('auth'), env });
  const named = (username: string) => ({
    INITIAL_ADMIN_USERNAME: username,
    INITIAL_ADMIN_PASSWORD: PASSWORD,
  });

  beforeAll(async () => {
    [database, nats] = await Promise.all([startTestDatabase(), startTestNats()]);
    replicas = [await start(), await start(named('other-admin'))];
    auth = replicas[0]!;
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await Promise.all([nats.close(), database.drop()]);
  });

  const sql = <Row extends object>(query: string, parameters?: unknown[]): Promise<Row[]> =>
    auth.service.app.get(DataSource).query<Row[]>(query, parameters);
  const disable = (username: string, token: string, replica = auth) =>
    replica.post(`/admin/users/${username}/disable`, { token });
  const enabledAdmins = async () =>
    (await sql(`SELECT FROM users WHERE disabled_at IS NULL AND scope LIKE '%auth:admin%'`)).length;
  const enableAll = () => sql('UPDATE users SET disabled_at = NULL');
  const tokenOf = async (username: string, password = PASSWORD) =>
    (await auth.logIn(username, { password })).access_token;

  beforeEach(enableAll);

  it('disable each other but not the last one, who stays logged in', async () => {
    const token = await auth.adminToken();
    expect((await disable('other-admin', token)).status).toBe(204);
    for (const spelling of [ADMIN.username, ADMIN.username.toUpperCase()]) {
      const answer = await disable(spelling, token);
      expect(answer).toMatchObject({ status: 409, body: { code: 'last_administrator' } });
    }
    expect(await auth.honours(token)).toBe(true);
    // Once more for one that is disabled already takes nothing away.
    expect((await disable('other-admin', token)).status).toBe(204);
  });

  it('leave one when the last two disable each other, or themselves, at the same time', async () => {
    for (let round = 0; round < 6; round += 1) {
      await enableAll();
      const [root, other] = [await auth.adminToken(), await tokenOf('other-admin')];
      const ways = round % 2 === 0 ? [root, other] : [other, root];
      const answers = await Promise.all([
        disable(ADMIN.username, ways[0]!, replicas[0]),
        disable('other-admin', ways[1]!, replicas[1]),
      ]);
      // Whoever is second finds itself the last, or its token revoked already.
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
      for (const { status } of answers) expect([204, 401, 409]).toContain(status);
      expect(await enabledAdmins()).toBe(1);
    }
  });

  it('do not count who is no administrator', async () => {
    const user = await auth.register();
    const token = await auth.adminToken();
    expect((await disable('other-admin', token)).status).toBe(204);
    expect((await disable(user, token)).status).toBe(204);
    expect((await disable(ADMIN.username, token)).status).toBe(409);
  });

  describe('INITIAL_ADMIN_USERNAME', () => {
    const healthOf = async (replica: AuthReplica) => {
      const { body } = await replica.send('GET', '/health/ready');
      return (body['checks'] as Record<string, { ready: boolean; detail?: string }>)[
        'initial-admin'
      ];
    };
    const startAndClose = async (username: string) => {
      const replica = await start(named(username));
      const seen = { health: await healthOf(replica), log: replica.log.text };
      await replica.close();
      return seen;
    };

    it('that somebody registered before makes no administrator, loudly, and the service serves', async () => {
      const stranger = await auth.register();
      const before = await sql('SELECT * FROM users WHERE username = $1', [stranger]);
      const { health, log } = await startAndClose(stranger.toUpperCase());
      expect(health).toEqual({
        ready: true,
        detail: expect.stringContaining('choose another name'),
      });
      expect(log).toMatch(/"level":("error"|50).*not an administrator, so none was created/);
      expect(await sql('SELECT * FROM users WHERE username = $1', [stranger])).toEqual(before);
    });

    it('of a disabled account says so', async () => {
      await disable('other-admin', await auth.adminToken());
      const { health, log } = await startAndClose('other-admin');
      expect(health).toEqual({ ready: true, detail: expect.stringContaining('disabled') });
      expect(log).toContain('another administrator must enable it');
    });

    it('of an administrator is nothing to report', async () => {
      const { health, log } = await startAndClose('other-admin');
      expect(health).toEqual({ ready: true });
      expect(log).not.toMatch(/INITIAL_ADMIN_USERNAME/);
    });
  });
});
