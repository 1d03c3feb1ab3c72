import type { UserListReply } from '@latchkey/contracts/auth-api';
import { claimsOf, type Answer } from '../../../test/auth-fixture.js';
import { useAuth } from '../../../test/auth-testbed.js';
import {
  cookieWorks,
  logInWithCookie,
  sessionCookieOf,
  useAuthWithRedis,
} from '../../../test/session-fixture.js';
import { describeLastAdministrator } from '../../../test/last-administrator.suite.js';

const USER_SCOPES =
  'orders:read orders:write inventory:read inventory:write payments:read payments:write'.split(' ');
const ROLES = { support: ['payments:refund', 'orders:read'], 'stock-keeper': ['inventory:admin'] };
const NEW_PASSWORD = 'another battery staple';

describe('/admin/users', () => {
  const { auth, sql } = useAuth({ env: { ROLES: JSON.stringify(ROLES) } });
  let admin: string;
  beforeEach(async () => {
    admin = await auth.adminToken();
  });

  const as = (method: string, path: string, json?: unknown, token = admin) =>
    auth.send(method, `/admin/users${path}`, { token, ...(json !== undefined && { json }) });
  const setRoles = (name: string, ...roles: unknown[]) => as('PUT', `/${name}/roles`, { roles });
  const problem = ({ status, body }: Answer) => ({ status, code: body.code });

  it.each([
    'GET ',
    'GET /root',
    'POST ',
    'PUT /root/roles',
    'PUT /root/password',
    'POST /root/disable',
    'POST /root/enable',
    'GET /root/sessions',
    'DELETE /root/sessions',
  ])('%s requires a token with the scope auth:admin', async (route) => {
    const [method, path] = route.split(' ') as [string, string];
    const { access_token: token } = await auth.logIn(await auth.register());
    const json = method === 'GET' ? undefined : {};
    expect(problem(await as(method, path, json, token))).toEqual({
      status: 403,
      code: 'insufficient_scope',
    });
    expect((await auth.send(method, `/admin/users${path}`)).status).toBe(401);
  });

  it.each([
    ['GET', '', undefined],
    ['PUT', '/roles', { roles: [] }],
    ['PUT', '/password', { password: NEW_PASSWORD }],
    ['POST', '/disable', undefined],
    ['POST', '/enable', undefined],
    ['GET', '/sessions', undefined],
    ['DELETE', '/sessions', undefined],
  ])('%s of an unknown user %s is 404', async (method, path, json) => {
    expect(problem(await as(method, `/nobody-has-this-name${path}`, json))).toEqual({
      status: 404,
      code: 'user_not_found',
    });
  });

  describe('creating a user', () => {
    it('gives the roles, and the user can log in', async () => {
      const json = { username: 'Grace', password: NEW_PASSWORD, roles: ['Support', 'support'] };
      const answer = await as('POST', '', json);
      expect(answer).toMatchObject({
        status: 201,
        body: {
          id: expect.any(String),
          username: 'grace',
          roles: ['support'],
          scopes: [...USER_SCOPES, 'payments:refund'],
          disabled: false,
          createdAt: expect.any(String),
        },
      });
      expect(answer.text).not.toMatch(/argon|hash|password/i);
      const { access_token: token } = await auth.logIn('grace', { password: NEW_PASSWORD });
      expect(claimsOf(token).scope).toBe([...USER_SCOPES, 'payments:refund'].join(' '));
      expect(await as('GET', '/GRACE')).toMatchObject({ status: 200, body: answer.body });
    });

    it.each<[string, object, object]>([
      ['a taken name', { username: 'ROOT' }, { status: 409, code: 'username_taken' }],
      ['an unknown role', { roles: ['nobody'] }, { status: 422, code: 'unknown_role' }],
      ['a short password', { password: 'short' }, { status: 400, code: 'invalid_input' }],
      ['a common password', { password: 'password1' }, { status: 400, code: 'common_password' }],
      ['a sequence', { password: 'bcdefghi' }, { status: 400, code: 'weak_password' }],
      ['the name as password', { password: 'refused-one' }, { status: 400, code: 'weak_password' }],
      ['a name with a space', { username: 'a b' }, { status: 400, code: 'invalid_input' }],
      ['a scope', { scope: 'auth:admin' }, { status: 400, code: 'invalid_input' }],
      ['no password', { password: undefined }, { status: 400, code: 'invalid_input' }],
    ])('refuses %s', async (_, more, expected) => {
      const json = { username: 'refused-one', password: NEW_PASSWORD, ...more };
      expect(problem(await as('POST', '', json))).toEqual(expected);
      expect(await sql(`SELECT FROM users WHERE username = 'refused-one'`)).toEqual([]);
    });
  });

  it('lists all users in pages, the oldest first, without their hashes', async () => {
    for (let count = 0; count < 3; count += 1) await auth.register();
    const seen: unknown[] = [];
    let next: string | undefined;
    do {
      const { status, body, text } = await as('GET', `?limit=2${next ? `&after=${next}` : ''}`);
      expect(status).toBe(200);
      expect(text).not.toContain('argon');
      const users = body['users'] as { id: string; username: string }[];
      expect(users.length).toBeLessThanOrEqual(2);
      seen.push(...users.map(({ username }) => username));
      next = body['next'] as string | undefined;
      expect(next === undefined || next === users.at(-1)!.id).toBe(true);
    } while (next !== undefined);
    const rows = await sql<{ username: string }>('SELECT username FROM users ORDER BY id');
    expect(seen).toEqual(rows.map(({ username }) => username));
    expect(seen[0]).toBe('root');
  });

  it('searches by a part of the name in any spelling, and by id, in pages', async () => {
    const names = ['100%_sure', 'search.zoë', 'search.zoé', 'xsearch.z'].map((name) =>
      name.replace('%', '.'),
    );
    for (const name of names) await auth.register(name);
    const search = async (text: string, more = '') => {
      const answer = await as('GET', `?search=${encodeURIComponent(text)}${more}`);
      expect(answer.status).toBe(200);
      const { users, next } = answer.body as unknown as UserListReply;
      return { names: users.map(({ username }) => username), users, next };
    };
    expect((await search('  SEARCH.Z ')).names).toEqual(names.slice(1));
    expect((await search('ZO\u00cb')).names).toEqual(['search.zoë']);
    expect((await search('_sure')).names).toEqual(['100._sure']);
    for (const wildcard of ['%', 'search%', "' OR true --", '<script>', '\\'])
      expect((await search(wildcard)).names).toEqual([]);
    const first = await search('search.z', '&limit=2');
    expect(first.names).toHaveLength(2);
    const rest = await search('search.z', `&limit=2&after=${first.next}`);
    expect(rest).toMatchObject({ names: ['xsearch.z'], next: undefined });
    expect((await search(rest.users[0]!.id.toUpperCase())).names).toEqual(['xsearch.z']);
  });

  it.each([
    'search=',
    'search=%20',
    'search=%00',
    `search=${'x'.repeat(255)}`,
    'search=a&search=b',
  ])('refuses %s', async (query) => {
    const answer = await as('GET', `?${query}`);
    expect(problem(answer)).toEqual({ status: 400, code: 'invalid_input' });
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'after=x', 'offset=1', 'limit=1&limit=2'])(
    'refuses a page with %s',
    async (query) => {
      expect(problem(await as('GET', `?${query}`))).toEqual({ status: 400, code: 'invalid_input' });
    },
  );

  describe('replacing the roles', () => {
    it('adds one at the next refresh, and ends no session', async () => {
      const name = await auth.register();
      const { access_token: token, refresh_token: refresh } = await auth.logIn(name);
      const answer = await setRoles(name.toUpperCase(), 'support');
      expect(answer.status).toBe(204);
      expect(answer.headers.get('revocation-position')).toBeNull();
      expect(await auth.honours(token)).toBe(true);
      const { body } = await auth.refresh(refresh);
      expect(body['scope']).toBe([...USER_SCOPES, 'payments:refund'].join(' '));
      expect(claimsOf(body.access_token).scope).toBe(body['scope']);
    });

    it('takes one away together with all sessions', async () => {
      const name = await auth.register();
      await setRoles(name, 'support', 'stock-keeper');
      const session = await auth.logIn(name);
      expect(claimsOf(session.access_token).scope).toContain('payments:refund');
      const answer = await setRoles(name, 'stock-keeper');
      expect(answer.status).toBe(204);
      expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
      expect(await auth.honours(session.access_token)).toBe(false);
      expect((await auth.refresh(session.refresh_token)).status).toBe(400);
      const { sub } = claimsOf(session.access_token);
      expect(await sql('SELECT kind, trigger FROM revocations WHERE subject = $1', [sub])).toEqual([
        { kind: 'subject', trigger: 'role_removed' },
      ]);
      const { scope } = claimsOf((await auth.logIn(name)).access_token);
      expect(scope).toBe([...USER_SCOPES, 'inventory:admin'].join(' '));
    });

    it('leaves no token with a role from refreshes and log-ins that race with its removal', async () => {
      for (let round = 0; round < 3; round += 1) {
        const name = await auth.register();
        await setRoles(name, 'support');
        const { refresh_token: refresh } = await auth.logIn(name);
        const [changed, ...answers] = await Promise.all([
          setRoles(name),
          auth.refresh(refresh),
          ...Array.from({ length: 4 }, () => auth.login(name)),
        ]);
        expect(changed.status).toBe(204);
        for (const { status, body } of answers) {
          if (status !== 200) continue;
          const hasRole = claimsOf(body.access_token).scope.includes('payments:refund');
          expect(await auth.honours(body.access_token)).toBe(!hasRole);
        }
      }
    });

    it('is not affected by order, doubled roles and spelling', async () => {
      const name = await auth.register();
      await setRoles(name, 'support', 'stock-keeper');
      const { access_token: token } = await auth.logIn(name);
      const answer = await setRoles(name, 'STOCK-KEEPER', 'support', 'Support');
      expect(answer.status).toBe(204);
      expect(await auth.honours(token)).toBe(true);
      expect((await as('GET', `/${name}`)).body['roles']).toEqual(['stock-keeper', 'support']);
    });

    it('refuses an unknown role, names those that are known, and changes nothing', async () => {
      const name = await auth.register();
      await setRoles(name, 'support');
      const answer = await setRoles(name, 'support', 'nobody', 'constructor');
      expect(answer).toMatchObject({
        status: 422,
        body: {
          code: 'unknown_role',
          detail: 'the known roles are support, stock-keeper, admin',
          errors: [{ field: '/roles/1' }, { field: '/roles/2' }],
        },
      });
      expect((await as('GET', `/${name}`)).body['roles']).toEqual(['support']);
    });

    it.each([
      [{}],
      [{ roles: 'support' }],
      [{ roles: [''] }],
      [{ roles: [' support'] }],
      [{ roles: [null] }],
      [{ roles: ['support'], more: 1 }],
      [{ roles: Array.from({ length: 65 }, () => 'support') }],
      [[]],
    ])('refuses %j', async (json) => {
      const name = await auth.register();
      expect((await as('PUT', `/${name}/roles`, json)).status).toBe(400);
    });

    it('makes an administrator, and unmakes one', async () => {
      const name = await auth.register();
      await setRoles(name, 'admin');
      const { access_token: token } = await auth.logIn(name);
      expect(claimsOf(token).scope.split(' ')).toEqual([
        ...USER_SCOPES,
        'orders:admin',
        'inventory:admin',
        'payments:admin',
        'auth:admin',
      ]);
      expect((await as('GET', '', undefined, token)).status).toBe(200);
      await setRoles(name);
      expect((await as('GET', '', undefined, token)).status).toBe(401);
      const { access_token: demoted } = await auth.logIn(name);
      expect((await as('GET', '', undefined, demoted)).status).toBe(403);
    });
  });

  describe('resetting a password', () => {
    it('sets it, and ends all sessions', async () => {
      const name = await auth.register();
      const session = await auth.logIn(name);
      const answer = await as('PUT', `/${name.toUpperCase()}/password`, { password: NEW_PASSWORD });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
      expect(await auth.honours(session.access_token)).toBe(false);
      expect((await auth.refresh(session.refresh_token)).status).toBe(400);
      expect((await auth.login(name)).status).toBe(401);
      expect((await auth.login(name, { password: NEW_PASSWORD })).status).toBe(200);
    });

    it.each([
      ['too short', 'short', 'invalid_input'],
      ['common', 'password1', 'common_password'],
      ['the user name', 'weak-user', 'weak_password'],
    ])('refuses one that is %s, and ends nothing', async (_, password, code) => {
      await auth.register('weak-user');
      const { access_token: token } = await auth.logIn('weak-user');
      const answer = await as('PUT', '/weak-user/password', { password });
      expect(problem(answer)).toEqual({ status: 400, code });
      expect(await auth.honours(token)).toBe(true);
      expect((await auth.login('weak-user')).status).toBe(200);
    });
  });
});

describeLastAdministrator();

describe('a role that is taken away', () => {
  const testbed = useAuthWithRedis();

  it('ends session cookies too, whose scopes the session store holds', async () => {
    const { auth } = testbed;
    const name = await auth.register();
    const token = await auth.adminToken();
    const setRoles = (roles: string[]) =>
      auth.send('PUT', `/admin/users/${name}/roles`, { token, json: { roles } });
    await setRoles(['admin']);
    const answer = await logInWithCookie(auth, name);
    expect(answer.body['scope']).toContain('auth:admin');
    expect((await setRoles([])).status).toBe(204);
    expect(await cookieWorks(auth, sessionCookieOf(answer))).toBe(false);
    expect((await logInWithCookie(auth, name)).body['scope']).not.toContain('auth:');
  });
});
