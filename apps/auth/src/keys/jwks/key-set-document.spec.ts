import { keySetDocument, matchesEtag } from './key-set-document.js';

const key = (kid: string, more = {}) => ({
  kty: 'RSA' as const,
  n: `modulus of ${kid}`,
  e: 'AQAB',
  alg: 'RS256' as const,
  use: 'sig' as const,
  kid,
  ...more,
});

describe('keySetDocument', () => {
  it('never serves private members of a stored key', () => {
    const { body } = keySetDocument([key('a', { d: 'secret', p: 'secret', k: 'secret' })]);
    expect(JSON.parse(body)).toEqual({ keys: [key('a')] });
  });

  it('has the same bytes and ETag for any order of keys', () => {
    expect(keySetDocument([key('b'), key('a')])).toEqual(keySetDocument([key('a'), key('b')]));
  });

  it('has a different strong ETag when the keys change', () => {
    const [one, two] = [keySetDocument([key('a')]), keySetDocument([key('a'), key('b')])];
    expect(one.etag).not.toBe(two.etag);
    expect(one.etag).toMatch(/^"[\w-]+"$/);
  });
});

describe('matchesEtag', () => {
  it.each([
    ['"x"', true],
    ['W/"x"', true],
    ['"y", "x"', true],
    ['*', true],
    ['"y"', false],
    ['x', false],
    ['', false],
    [undefined, false],
  ])('returns for If-None-Match %s: %s', (header, expected) => {
    expect(matchesEtag(header, '"x"')).toBe(expected);
  });
});
