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
  it('never serves a private member, whatever is stored', () => {
    const { body } = keySetDocument([key('a', { d: 'secret', p: 'secret', k: 'secret' })]);
    expect(JSON.parse(body)).toEqual({ keys: [key('a')] });
  });

  it('has the same bytes and tag on every replica, in whatever order the keys come', () => {
    expect(keySetDocument([key('b'), key('a')])).toEqual(keySetDocument([key('a'), key('b')]));
  });

  it('has another strong tag once a key comes or goes', () => {
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
  ])('answers for If-None-Match %s: %s', (header, expected) => {
    expect(matchesEtag(header, '"x"')).toBe(expected);
  });
});
