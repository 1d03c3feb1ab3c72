import { revocationIdsOf } from './revocation-ids.js';

const ALL = { iat: 1, jti: 'a', sid: 'b', sub: 'c', client_id: 'd' };
const idsOf = (claims: Record<string, unknown> | undefined, kid: unknown = 'k') =>
  revocationIdsOf({ header: { kid }, ...(claims && { claims }) });

describe('the ids of a token', () => {
  it.each<[string, Record<string, unknown>, object]>([
    ['all of them', ALL, { ...ALL, kid: 'k' }],
    ['without a session', { iat: 1, jti: 'a' }, { iat: 1, jti: 'a', kid: 'k' }],
    [
      'a session with its user',
      { iat: 1, sid: 'b', sub: 'c' },
      { iat: 1, sid: 'b', sub: 'c', kid: 'k' },
    ],
    ['no session without its user', { iat: 1, jti: 'a', sid: 'b' }, { iat: 1, jti: 'a', kid: 'k' }],
    ['no other claim', { ...ALL, name: 'Ada', scope: 'x' }, { ...ALL, kid: 'k' }],
  ])('are %s', (_, claims, expected) => {
    expect(idsOf(claims)).toEqual(expected);
  });

  it.each([
    undefined,
    {},
    { jti: 'a' },
    { iat: '1', jti: 'a' },
    { iat: 1 },
    { iat: 1, sid: 'b' },
    { iat: 1, sub: 'c' },
  ])('are not enough in %j', (claims) => {
    expect(idsOf(claims)).toBeUndefined();
  });

  it.each([
    'eyJhbGciOiJSUzI1NiJ9.e30.AAAA',
    '',
    'two words',
    'line\nbreak',
    'x'.repeat(129),
    7,
    null,
    ['a'],
    { a: 'b' },
  ])('leave out %j, which is not an id', (value) => {
    expect(idsOf({ ...ALL, client_id: value }, value)).toEqual({
      iat: 1,
      jti: 'a',
      sid: 'b',
      sub: 'c',
    });
    expect(idsOf({ iat: 1, jti: value, sub: 'c' })).toBeUndefined();
  });
});
