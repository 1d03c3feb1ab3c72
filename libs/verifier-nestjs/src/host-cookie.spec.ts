import { AccessTokenException } from './access-token.exception.js';
import { AccessTokenCookie } from './access-token-cookie.js';
import { HostCookie } from './host-cookie.js';

const NAMES = { secure: '__Host-key', development: 'key-development' } as const;
const cookieOf = (...origins: string[]) => new HostCookie(NAMES, origins);

describe('HostCookie', () => {
  it('is bound to one host and to HTTPS', () => {
    const cookie = cookieOf('https://shop.example.com');
    expect(cookie.name).toBe('__Host-key');
    expect(cookie.attributes).toEqual({ path: '/', httpOnly: true, secure: true, sameSite: 'lax' });
  });

  it.each(['http://localhost:4000', 'http://127.0.0.1', 'http://[::1]:80', 'http://a.localhost'])(
    'uses its development name on %s',
    (origin) => {
      const cookie = cookieOf(origin);
      expect([cookie.name, cookie.attributes.secure]).toEqual(['key-development', false]);
    },
  );

  it.each([
    ['http://shop.example.com'],
    ['http://127.0.0.1.example.com'],
    ['http://10.0.0.1'],
    ['shop.example.com'],
  ])('cannot be created for %s', (origin) => {
    expect(() => cookieOf(origin)).toThrow(TypeError);
  });

  it('cannot be created without origins, or with plain HTTP on another machine', () => {
    expect(() => cookieOf('https://a.example', 'http://b.example')).toThrow(/https/);
    expect(() => cookieOf()).toThrow(TypeError);
  });

  it.each([
    ['__Host-key=a.b', 'a.b'],
    ['other=1; __Host-key=a=b ;more=2', 'a=b'],
    ['__Host-key=', undefined],
    ['x__Host-key=a', undefined],
    ['key-development=a', undefined],
    ['__Host-key=a; __Host-key=b', undefined],
    ['__Host-key=a; __Host-key=a', undefined],
    [undefined, undefined],
  ])('reads %j as %j', (cookie, value) => {
    expect(cookieOf('https://shop.example.com').read({ headers: { cookie } })).toBe(value);
  });
});

describe('AccessTokenCookie', () => {
  const cookie = new AccessTokenCookie(['https://shop.example.com']);
  const header = { cookie: '__Host-access-token=a.b.c' };
  const own = { origin: 'https://shop.example.com' };

  it('returns the token for safe methods from any origin', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      expect(cookie.tokenOf({ method, headers: { ...header, origin: 'null' } })).toBe('a.b.c');
  });

  it('returns the token for other methods from allowed origins only', () => {
    expect(cookie.tokenOf({ method: 'POST', headers: { ...header, ...own } })).toBe('a.b.c');
    for (const more of [{}, { origin: 'null' }, { 'sec-fetch-site': 'same-site' }])
      for (const method of ['POST', 'DELETE', 'get', undefined])
        expect(() =>
          cookie.tokenOf({ ...(method && { method }), headers: { ...header, ...more } }),
        ).toThrow(AccessTokenException);
  });
});
