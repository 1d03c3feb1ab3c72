import { shownClaims } from './claims.js';

const encode = (value: unknown) =>
  btoa(JSON.stringify(value)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_');
const tokenOf = (claims: unknown, header: unknown = { alg: 'RS256', kid: 'k1' }) =>
  `${encode(header)}.${encode(claims)}.c2ln`;

describe('the claims that the page shows', () => {
  it('are those of a token that a user got', () => {
    const token = tokenOf({
      aud: ['orders', 'payments'],
      scope: 'a:read b:write',
      exp: 1_800_000_000,
    });
    expect(shownClaims(token)).toEqual({
      audience: ['orders', 'payments'],
      scopes: ['a:read', 'b:write'],
      actor: undefined,
      keyId: 'k1',
      expiresAt: 1_800_000_000_000,
      bytes: token.length,
    });
  });

  it('name one audience and the actor of an exchanged token', () => {
    const token = tokenOf({ aud: 'payments', scope: 'payments:write', act: { sub: 'orders' } });
    expect(shownClaims(token)).toMatchObject({ audience: ['payments'], actor: 'orders' });
  });

  it.each([
    ['no token', 'not a token'],
    ['nothing', ''],
    [
      'claims of wrong types',
      tokenOf({ aud: [1, {}], scope: 7, act: 'orders', exp: 'soon' }, { kid: 5 }),
    ],
    ['claims that are no object', tokenOf([], {})],
    ['no claims', tokenOf({}, {})],
  ])('are empty for %s', (_, token) => {
    expect(shownClaims(token)).toEqual({
      ...{ audience: [], scopes: [], actor: undefined, keyId: undefined, expiresAt: undefined },
      bytes: token.length,
    });
  });
});
