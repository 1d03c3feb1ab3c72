import type { FastifyInstance } from 'fastify';
import { BasePath } from './base-path.js';

const basePath = (path: string, ...routes: string[]) => {
  const base = new BasePath(path);
  base.watchRoutes({
    addHook: (_: string, hook: (route: { url: string }) => void) =>
      routes.forEach((url) => hook({ url })),
  } as unknown as FastifyInstance);
  return (url: string) => base.strip({ url });
};

describe('a base path', () => {
  it.each([
    ['/auth', '/login', '/login'],
    ['/auth', '/auth/login', '/login'],
    ['/auth/', '/auth/login?x=/auth', '/login?x=/auth'],
    ['/auth', '/auth', '/'],
    ['/auth', '/auth?x', '/?x'],
    ['/auth', '/authority', '/authority'],
    ['/auth', '/AUTH/login', '/AUTH/login'],
    ['/a/b', '/a/b/login', '/login'],
    ['/a/b', '/a/login', '/a/login'],
    ['/auth', '/.well-known/document/auth', '/.well-known/document'],
    ['/auth', '/.well-known/document/auth?x', '/.well-known/document?x'],
    ['/auth', '/.well-known/document', '/.well-known/document'],
    ['/auth', '/.well-known/document/other', '/.well-known/document/other'],
    ['/auth', '/.well-known/a/b/auth', '/.well-known/a/b/auth'],
    ['/auth', '/.well-known/auth', '/.well-known/auth'],
    ['/auth', '/auth/.well-known/document', '/.well-known/document'],
    ['/', '/login', '/login'],
    ['', '//login', '//login'],
  ])('%s turns %s into %s', (path, url, stripped) => {
    expect(basePath(path, '/login')(url)).toBe(stripped);
  });

  it('that starts like a route is left to the proxy, except in well-known documents', () => {
    const strip = basePath('/oauth', '/oauth/token', '/login');
    expect(strip('/oauth/token')).toBe('/oauth/token');
    expect(strip('/oauth/oauth/token')).toBe('/oauth/oauth/token');
    expect(strip('/.well-known/document/oauth')).toBe('/.well-known/document');
  });
});
