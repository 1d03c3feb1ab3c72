import { isAdministrator, rolesOf, UserScopes } from './user-scopes.js';

const SETTINGS = {
  userScopes: ['orders:read', 'orders:write'],
  roles: new Map([
    ['support', ['orders:read', 'payments:refund']],
    ['admin', ['orders:admin', 'auth:admin']],
  ]),
};
const scopes = (warn: (fields: object) => void = () => undefined) =>
  new UserScopes(SETTINGS, { warn });
const user = (roles: string[] | null, scope = '') => ({ roles, scope });

describe('the scopes of a user', () => {
  it.each<[string, string[], string[]]>([
    ['no role', [], ['orders:read', 'orders:write']],
    ['a role', ['support'], ['orders:read', 'orders:write', 'payments:refund']],
    ['the built-in role', ['admin'], ['orders:read', 'orders:write', 'orders:admin', 'auth:admin']],
    [
      'several roles',
      ['support', 'admin'],
      ['orders:read', 'orders:write', 'payments:refund', 'orders:admin', 'auth:admin'],
    ],
    ['an unknown role', ['gone', 'constructor'], ['orders:read', 'orders:write']],
  ])('are those of every user and those of %s', (_, roles, expected) => {
    expect(scopes().scopesOf(user(roles, 'stored:earlier auth:admin'))).toEqual(expected);
  });

  it('come from the stored scopes for a user of the previous release, if these name an administrator', () => {
    const stored = 'orders:read auth:admin stored:earlier';
    expect(rolesOf(user(null, stored))).toEqual(['admin']);
    expect(scopes().scopesOf(user(null, stored))).toEqual([
      'orders:read',
      'orders:write',
      'orders:admin',
      'auth:admin',
    ]);
    expect(rolesOf(user(null, 'orders:read xauth:admin'))).toEqual([]);
    expect(isAdministrator(user(null, stored))).toBe(true);
    expect(isAdministrator(user([], stored))).toBe(false);
  });

  it('are warned about once for each role that is not defined any more', () => {
    const warned: object[] = [];
    const resolved = scopes((fields) => warned.push(fields));
    for (const roles of [['gone'], ['gone', 'support'], ['old'], ['gone']])
      resolved.scopesOf(user(roles));
    expect(warned).toEqual([{ role: 'gone' }, { role: 'old' }]);
  });
});
