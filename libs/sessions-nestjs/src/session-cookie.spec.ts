import { SessionCookie } from './session-cookie.js';

describe('SessionCookie', () => {
  it('is bound to the host and to HTTPS', () => {
    const cookie = new SessionCookie(['https://shop.example.com']);
    expect(cookie.name).toBe('__Host-session');
    expect(cookie.attributes).toEqual({ path: '/', httpOnly: true, secure: true, sameSite: 'lax' });
  });

  it.each(['http://localhost:4000', 'http://127.0.0.1', 'http://[::1]:80', 'http://a.localhost'])(
    'has a name of its own for development on %s',
    (origin) => {
      const cookie = new SessionCookie([origin]);
      expect([cookie.name, cookie.attributes.secure]).toEqual(['session-development', false]);
    },
  );

  it.each([
    ['http://shop.example.com'],
    ['http://127.0.0.1.example.com'],
    ['http://10.0.0.1'],
    ['shop.example.com'],
  ])('is refused over %s', (origin) => {
    expect(() => new SessionCookie([origin])).toThrow(TypeError);
  });

  it('is refused where one of its origins is plain HTTP elsewhere, and without any', () => {
    expect(() => new SessionCookie(['https://a.example', 'http://b.example'])).toThrow(/https/);
    expect(() => new SessionCookie([])).toThrow(TypeError);
  });
});
