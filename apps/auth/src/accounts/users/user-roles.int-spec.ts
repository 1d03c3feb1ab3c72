import { claimsOf } from '../../../test/auth-fixture.js';
import { AuthTestbed } from '../../../test/auth-testbed.js';

const FEWER = { USER_SCOPES: 'orders:read', ROLES: '{"support":["payments:refund"]}' };
const MORE = {
  AUDIENCES: 'orders,inventory,payments,shipping',
  USER_SCOPES: 'orders:read shipping:read',
  ADMIN_SCOPES: 'shipping:admin',
  ROLES: '{"courier":["shipping:write"]}',
};

/** Scopes are resolved from the configuration, so that a restart is enough (ADR 0044). */
describe('the scopes of existing users', () => {
  const testbed = new AuthTestbed({ env: FEWER });
  const { auth, sql } = testbed;
  beforeAll(() => testbed.start());
  afterAll(() => testbed.close());

  it('follow the configuration at the next refresh and log-in, without a change in the database', async () => {
    const scopeOf = (token: string) => claimsOf(token).scope;
    const name = await auth.register();
    const token = await auth.adminToken();
    const json = { roles: ['support'] };
    await auth.send('PUT', `/admin/users/${name}/roles`, { token, json });
    const before = await auth.logIn(name);
    expect(scopeOf(before.access_token)).toBe('orders:read payments:refund');
    const stored = () => sql('SELECT * FROM users ORDER BY id');
    const rows = await stored();

    const restarted = await testbed.startReplica(MORE);
    const refreshed = (await restarted.refresh(before.refresh_token)).body;
    expect(scopeOf(refreshed.access_token)).toBe('orders:read shipping:read');
    expect(claimsOf(refreshed.access_token).aud).toContain('shipping');
    expect(scopeOf((await restarted.logIn(name)).access_token)).toBe('orders:read shipping:read');
    expect(scopeOf(await restarted.adminToken())).toBe(
      'orders:read shipping:read shipping:admin auth:admin',
    );
    expect(await stored()).toEqual(rows);

    // The role is not defined any more, which is logged once.
    const warnings = restarted.log.text.split('\n').filter((line) => line.includes('"support"'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('"level":40');
    const { body } = await restarted.send('GET', `/admin/users/${name}`, {
      token: await restarted.adminToken(),
    });
    expect(body).toMatchObject({ roles: ['support'], scopes: ['orders:read', 'shipping:read'] });

    // The earlier configuration still gives what it defines.
    const back = (await auth.refresh(refreshed.refresh_token)).body;
    expect(scopeOf(back.access_token)).toBe('orders:read payments:refund');
  });

  it('are kept in the column that the previous release reads', async () => {
    const scopesIn = async (name: string) => {
      const [row] = await sql<{ scope: string }>('SELECT scope FROM users WHERE username = $1', [
        name,
      ]);
      return row!.scope;
    };
    const name = await auth.register();
    expect(await scopesIn(name)).toBe('orders:read');
    const token = await auth.adminToken();
    const setRoles = (...roles: string[]) =>
      auth.send('PUT', `/admin/users/${name}/roles`, { token, json: { roles } });
    await setRoles('support', 'admin');
    expect(await scopesIn(name)).toBe(
      'orders:read payments:refund orders:admin inventory:admin payments:admin auth:admin',
    );
    await setRoles();
    expect(await scopesIn(name)).toBe('orders:read');
  });

  it('are those of an administrator for one whom the previous release has stored', async () => {
    const name = await auth.register();
    await sql(
      `UPDATE users SET roles = NULL, scope = 'orders:read auth:admin' WHERE username = $1`,
      [name],
    );
    const { access_token: token, refresh_token: refresh } = await auth.logIn(name);
    expect(claimsOf(token).scope).toContain('payments:admin auth:admin');
    expect((await auth.refresh(refresh)).body['scope']).toContain('payments:admin auth:admin');
    const { body } = await auth.send('GET', `/admin/users/${name}`, { token });
    expect(body).toMatchObject({ roles: ['admin'] });
  });
});
