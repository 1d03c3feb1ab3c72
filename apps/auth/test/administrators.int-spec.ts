import { ADMIN, PASSWORD, type AuthReplica } from './auth-fixture.js';
import { useAuth } from './auth-testbed.js';

describe('administrators', () => {
  const { auth, sql, startReplica } = useAuth();
  let other: AuthReplica;

  const named = (username: string) => ({
    INITIAL_ADMIN_USERNAME: username,
    INITIAL_ADMIN_PASSWORD: PASSWORD,
  });

  beforeAll(async () => {
    other = await startReplica(named('other-admin'));
  });

  const disable = (username: string, token: string, replica = auth) =>
    replica.post(`/admin/users/${username}/disable`, { token });
  const enabledAdmins = async () =>
    (await sql(`SELECT FROM users WHERE disabled_at IS NULL AND scope LIKE '%auth:admin%'`)).length;
  const enableAll = () => sql('UPDATE users SET disabled_at = NULL');
  const tokenOf = async (username: string, password = PASSWORD) =>
    (await auth.logIn(username, { password })).access_token;

  beforeEach(enableAll);

  it('can disable each other, but not the last one, which stays logged in', async () => {
    const token = await auth.adminToken();
    expect((await disable('other-admin', token)).status).toBe(204);
    for (const spelling of [ADMIN.username, ADMIN.username.toUpperCase()]) {
      const answer = await disable(spelling, token);
      expect(answer).toMatchObject({ status: 409, body: { code: 'last_administrator' } });
    }
    expect(await auth.honours(token)).toBe(true);
    // Disabling a disabled account again is harmless.
    expect((await disable('other-admin', token)).status).toBe(204);
  });

  it('keep one when the last two disable each other or themselves at the same time', async () => {
    for (let round = 0; round < 6; round += 1) {
      await enableAll();
      const tokens = [await auth.adminToken(), await tokenOf('other-admin')];
      if (round % 2 === 1) tokens.reverse();
      const answers = await Promise.all([
        disable(ADMIN.username, tokens[0]!, auth),
        disable('other-admin', tokens[1]!, other),
      ]);
      // The second request is refused: its account is the last one, or its token is revoked.
      expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
      for (const { status } of answers) expect([202, 204, 401, 409]).toContain(status);
      expect(await enabledAdmins()).toBe(1);
    }
  });

  it('do not include other users in the count', async () => {
    const user = await auth.register();
    const token = await auth.adminToken();
    expect((await disable('other-admin', token)).status).toBe(204);
    expect((await disable(user, token)).status).toBe(204);
    expect((await disable(ADMIN.username, token)).status).toBe(409);
  });

  describe('INITIAL_ADMIN_USERNAME', () => {
    const startAndClose = async (username: string) => {
      const replica = await startReplica(named(username));
      const seen = { health: await replica.check('initial-admin'), log: replica.log.text };
      await replica.close();
      return seen;
    };

    it('reports a name that a user has already registered, and the service still starts', async () => {
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

    it('reports a disabled account', async () => {
      await disable('other-admin', await auth.adminToken());
      const { health, log } = await startAndClose('other-admin');
      expect(health).toEqual({ ready: true, detail: expect.stringContaining('disabled') });
      expect(log).toContain('another administrator must enable it');
    });

    it('reports nothing for an existing administrator', async () => {
      const { health, log } = await startAndClose('other-admin');
      expect(health).toEqual({ ready: true });
      expect(log).not.toMatch(/INITIAL_ADMIN_USERNAME/);
    });
  });
});
