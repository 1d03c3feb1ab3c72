import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { ThingsModule } from '../test/things-fixture.js';
import { startService, type RunningService } from './start-service.js';

const INDEX = '<!doctype html><title>Page</title>';
const SCRIPT = 'export const page = 1;\n'.repeat(100);

describe('a page that a service serves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-page-'));
  const directory = join(folder, 'dist');
  let service: RunningService;

  beforeAll(async () => {
    mkdirSync(join(directory, 'assets'), { recursive: true });
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    writeFileSync(join(directory, '.built-from'), 'hash');
    writeFileSync(join(directory, 'index.html'), INDEX);
    for (const [suffix, content] of [
      ['', SCRIPT],
      ['.gz', gzipSync(SCRIPT)],
      ['.br', brotliCompressSync(SCRIPT)],
    ] as const)
      writeFileSync(join(directory, 'assets', `index-Ab12_-Z9.js${suffix}`), content);
    service = await start('/');
  });
  afterAll(async () => {
    await service?.close();
    rmSync(folder, { recursive: true });
  });

  const start = (basePath: string) =>
    startService({
      name: 'things',
      module: ThingsModule,
      host: '127.0.0.1',
      port: 0,
      managementPort: 0,
      logLevel: 'silent',
      basePath,
      corsOrigins: ['https://shop.test'],
      page: { path: '/page/', directory, connectSources: ['https:'] },
      openApi: { title: 'Things', description: 'For tests' },
      handleSignals: false,
    });
  /** Sends the path as it is; `fetch` would remove dots from it. */
  const get = async (
    path: string,
    headers: Record<string, string> = {},
    { method = 'GET', port = service.port } = {},
  ) =>
    new Promise<{ status: number | undefined; headers: NodeJS.Dict<string>; body: string }>(
      (resolve, reject) => {
        request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
          text(response).then(
            (body) =>
              resolve({
                status: response.statusCode,
                headers: response.headers as NodeJS.Dict<string>,
                body,
              }),
            reject,
          );
        })
          .on('error', reject)
          .end();
      },
    );

  it('has a strict policy, and is checked each time', async () => {
    const { status, headers, body } = await get('/page/');
    expect({ status, body }).toEqual({ status: 200, body: INDEX });
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['permissions-policy']).toContain('geolocation=()');
    expect(headers['content-security-policy']?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "connect-src 'self' https:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
  });

  it('is not sent again if it has not changed', async () => {
    const { headers } = await get('/page/');
    const again = await get('/page/', { 'if-none-match': headers['etag'] ?? '' });
    expect(again).toMatchObject({ status: 304, body: '' });
    expect(again.headers['cache-control']).toBe('no-cache');
  });

  it.each([
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['gzip, br', 'br'],
    ['identity', undefined],
    ['zstd', undefined],
  ])(
    'has files that never change, compressed for Accept-Encoding: %s',
    async (accept, encoding) => {
      const answer = await get('/page/assets/index-Ab12_-Z9.js', { 'accept-encoding': accept });
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-type': 'application/javascript; charset=utf-8',
        vary: 'Origin, accept-encoding',
      });
      expect(answer.headers['content-encoding']).toBe(encoding);
    },
  );

  it('answers HEAD as GET, without a body', async () => {
    const { status, headers, body } = await get('/page/', {}, { method: 'HEAD' });
    expect({ status, body }).toEqual({ status: 200, body: '' });
    expect(headers['content-length']).toBe(String(INDEX.length));
  });

  it.each([
    '/page/missing.js',
    '/page/assets',
    '/page/assets/',
    '/page/.built-from',
    '/page/../secret.txt',
    '/page/..%2fsecret.txt',
    '/page/%2e%2e/secret.txt',
    '/page/assets/../../secret.txt',
    '/page/assets/%2e%2e/%2e%2e/secret.txt',
    '/page/..\\secret.txt',
    '/page//index.html',
    '/page/index.html%00.js',
    '/page/INDEX.html',
    `/page/${'a'.repeat(5_000)}`,
  ])('answers %.60s with a problem document, and no file', async (path) => {
    const { status, headers, body } = await get(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).not.toContain('secret');
    expect(JSON.parse(body)).toMatchObject({ status });
  });

  it.each(['POST', 'PUT', 'DELETE'])('does not answer %s', async (method) => {
    expect(await get('/page/', {}, { method })).toMatchObject({ status: 404 });
  });

  it('is where GET / sends browsers, and no programs', async () => {
    const browser = await get('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    expect(browser).toMatchObject({
      status: 303,
      headers: { location: '/page/', vary: 'Origin, accept' },
    });
    for (const accept of ['*/*', 'application/json', '']) {
      const program = await get('/', accept === '' ? {} : { accept });
      expect(program).toMatchObject({ status: 200, headers: { vary: 'Origin, accept' } });
      expect(JSON.parse(program.body)).toMatchObject({ service: 'things' });
    }
    expect(await get('/page')).toMatchObject({ status: 308, headers: { location: '/page/' } });
  });

  it('is not on the management port', async () => {
    const port = service.managementPort!;
    expect(await get('/page/', {}, { port })).toMatchObject({ status: 404 });
    expect(await get('/', { accept: 'text/html' }, { port })).toMatchObject({ status: 200 });
  });

  it('is counted as one route', async () => {
    const { body } = await get('/metrics', {}, { port: service.managementPort! });
    const routes = new Set(body.match(/route="\/page[^"]*"/g));
    expect([...routes].sort()).toEqual(['route="/page"', 'route="/page/*"']);
  });

  it('is below the path of the public URL', async () => {
    const below = await start('/auth');
    const browser = { accept: 'text/html' };
    try {
      for (const path of ['/', '/auth', '/auth/'])
        expect(await get(path, browser, { port: below.port })).toMatchObject({
          status: 303,
          headers: { location: '/auth/page/' },
        });
      for (const path of ['/page/', '/auth/page/'])
        expect(await get(path, {}, { port: below.port })).toMatchObject({ body: INDEX });
    } finally {
      await below.close();
    }
  });
});
