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
    ['https://shop.example.com/checkout'],
    ['https://shop.example.com?a=1'],
    ['https://user@shop.example.com'],
    ['ftp://localhost'],
    ['null'],
    [''],
  ])('cannot be created for %s', (origin) => {
    expect(() => cookieOf(origin)).toThrow(TypeError);
  });

  it('cannot be created without origins, or with plain HTTP on another machine', () => {
    expect(() => cookieOf('https://a.example', 'http://b.example')).toThrow(/https/);
    expect(() => cookieOf()).toThrow(TypeError);
    for (const wrong of ['https://a.example', undefined, null, {}])
      expect(() => new HostCookie(NAMES, wrong as never)).toThrow(TypeError);
  });

  it('cannot be created for both https and http, because it would not be Secure', () => {
    expect(() => cookieOf('https://shop.example.com', 'http://localhost:3000')).toThrow(
      'origins must not mix http and https',
    );
  });

  it('ignores the spelling of an origin', () => {
    const cookie = cookieOf('https://Shop.example.com:443/');
    expect(cookie.allowsOrigin('https://shop.example.com')).toBe(true);
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

  it('names its option if an origin is wrong', () => {
    expect(() => new AccessTokenCookie(['http://shop.example.com'])).toThrow(
      'cookieOrigins: http://shop.example.com must use https',
    );
  });

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
