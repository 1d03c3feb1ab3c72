import { claimsOf, PASSWORD } from './auth-fixture.js';
import { useAuth } from './auth-testbed.js';

/** Tests that no act of administrators leaves the service without an enabled one. */
export function describeLastAdministrator(): void {
  describe('the last administrator', () => {
    const { auth, replicas, sql, startReplica } = useAuth({ replicas: 2 });
    const demote = (replica: typeof auth, name: string, token: string) =>
      replica.send('PUT', `/admin/users/${name}/roles`, { token, json: { roles: [] } });
    const disable = (replica: typeof auth, name: string, token: string) =>
      replica.post(`/admin/users/${name}/disable`, { token });
    const administrators = () =>
      sql(`SELECT username FROM users WHERE 'admin' = ANY (roles) AND disabled_at IS NULL`);

    /** Adds a second administrator. @returns the tokens of both */
    async function second(name: string): Promise<[string, string]> {
      const token = await auth.adminToken();
      await auth.register(name);
      const json = { roles: ['admin'] };
      await auth.send('PUT', `/admin/users/${name}/roles`, { token, json });
      return [token, (await auth.logIn(name)).access_token];
    }

    it.each([
      ['demoted', demote],
      ['disabled', disable],
    ])('cannot be %s, not even by the same person', async (_, act) => {
      const token = await auth.adminToken();
      const answer = await act(auth, 'root', token);
      expect({ status: answer.status, code: answer.body.code }).toEqual({
        status: 409,
        code: 'last_administrator',
      });
      expect(answer.body['detail']).toContain('INITIAL_ADMIN_USERNAME');
      expect(answer.body['detail']).toContain('PUT /admin/users/NAME/roles');
      expect(await auth.honours(token)).toBe(true);
    });

    it.each([
      ['demote', demote, demote],
      ['disable', disable, disable],
      ['demote and disable', demote, disable],
    ])('stays when two administrators %s each other at once', async (name, first, other) => {
      for (let round = 0; round < 3; round += 1) {
        const rival = `rival-${name.replaceAll(' ', '-')}-${round}`;
        const [token, rivalToken] = await second(rival);
        const answers = await Promise.all([
          first(replicas[0]!, rival, token),
          other(replicas[1]!, 'root', rivalToken),
        ]);
        const statuses = answers.map(({ status }) => status).sort();
        // The loser gets 409, or 401 if the winner's act has ended its session already.
        expect([[204, 401].join(), [204, 409].join()]).toContain(statuses.join());
        expect(await administrators()).toHaveLength(1);
        await sql(
          `UPDATE users SET roles = CASE WHEN username = 'root' THEN ARRAY['admin'] ELSE '{}' END,
                          disabled_at = NULL`,
        );
      }
    });

    it('counts an administrator whom the previous release has stored, until disabled', async () => {
      await auth.register('earlier');
      await sql(
        `UPDATE users SET roles = NULL, scope = scope || ' auth:admin' WHERE username = 'earlier'`,
      );
      const { access_token: token } = await auth.logIn('earlier');
      expect((await demote(auth, 'root', token)).status).toBe(204);
      expect((await demote(auth, 'earlier', token)).status).toBe(409);
      const json = { roles: ['admin'] };
      await auth.send('PUT', '/admin/users/root/roles', { token, json });
      expect((await demote(auth, 'earlier', await auth.adminToken())).status).toBe(204);
    });

    it('can be replaced by restarting with another initial administrator', async () => {
      await auth.register('lost');
      await sql(`UPDATE users SET disabled_at = now() WHERE 'admin' = ANY (roles)`);
      expect((await auth.login('root', { password: 'battery staple' })).status).toBe(401);
      const restarted = await startReplica({
        INITIAL_ADMIN_USERNAME: 'Rescue',
        INITIAL_ADMIN_PASSWORD: PASSWORD,
      });
      const { access_token: token } = await restarted.logIn('rescue');
      expect((await restarted.post('/admin/users/root/enable', { token })).status).toBe(204);
      expect((await auth.login('root', { password: 'battery staple' })).status).toBe(200);
    });

    it('cannot be made of an account that anyone may have registered', async () => {
      const restarted = await startReplica({
        INITIAL_ADMIN_USERNAME: 'lost',
        INITIAL_ADMIN_PASSWORD: 'horse battery',
      });
      expect((await restarted.login('lost', { password: 'horse battery' })).status).toBe(401);
      expect(claimsOf((await restarted.logIn('lost')).access_token).scope).not.toContain('auth:');
    });
  });
}
