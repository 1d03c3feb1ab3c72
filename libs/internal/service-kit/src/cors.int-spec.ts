import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { ThingsModule } from '../test/things-fixture.js';
import { startService, type RunningService, type ServiceOptions } from './index.js';

const PAGE = 'https://shop.example.com';
const OTHER_PAGE = 'http://localhost:5173';
const STRANGER = 'https://shop.example.org';
const ID = '00000000-0000-4000-8000-000000000000';

const OPTIONS: ServiceOptions = {
  name: 'things',
  module: ThingsModule,
  host: '127.0.0.1',
  port: 0,
  logLevel: 'silent',
  openApi: { title: 'Things', description: 'For tests' },
  handleSignals: false,
};

const ALLOWED = {
  'access-control-allow-origin': PAGE,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers':
    'etag, retry-after, www-authenticate, x-request-id, revocation-position',
};
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'authorization, content-type, if-none-match, x-csrf-token, idempotency-key, x-request-id, ' +
    'revocation-min-position, traceparent, tracestate',
  'access-control-max-age': '600',
};
const ANYBODY = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': ALLOWED['access-control-expose-headers'],
};

interface Sent {
  readonly origin?: string | string[];
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** Node's `fetch` would decide about some of these headers and paths itself. */
async function send(
  port: number,
  path: string,
  { origin, method, body, headers }: Sent = {},
): Promise<{ status: number; headers: Record<string, unknown> }> {
  const outgoing = request({
    ...{ host: '127.0.0.1', port, path, method: method ?? 'GET', agent: false },
    // Types know no repeated `Origin`, but Node sends it.
    headers: { ...headers, ...(origin !== undefined && { origin: origin as string }) },
  });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return { status: answer.statusCode ?? 0, headers: answer.headers };
}

const preflight = (asked = 'POST'): Sent => ({
  method: 'OPTIONS',
  headers: { 'access-control-request-method': asked },
});

/** The CORS headers of a response. */
const corsOf = ({ headers }: { headers: Record<string, unknown> }) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => /^access-control-/.test(name)));

describe('a service with allowed origins', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startService({
      ...OPTIONS,
      managementPort: 0,
      corsOrigins: [PAGE, OTHER_PAGE],
      publicDocuments: ['/things/public'],
    });
  });
  afterAll(() => service.close());

  const get = (path: string, sent?: Sent) => send(service.port, path, sent);

  it.each([
    ['200', '/things/search?limit=1', {}, 200],
    ['200 to HEAD', '/things/search?limit=1', { method: 'HEAD' }, 200],
    ['200 at the root', '/', {}, 200],
    ['201', '/things', { method: 'POST', body: '{"name":"a"}' }, 201],
    ['400 to bad input', '/things/not-a-uuid', {}, 400],
    ['400 to malformed JSON', '/things', { method: 'POST', body: '{' }, 400],
    ['400 to a badly encoded URL', '/things/%E0%A4%A', {}, 400],
    ['400 to a repeated header', '/', { headers: { 'idempotency-key': ['a', 'b'] } }, 400],
    ['404 to an unknown path', '/nothing', {}, 404],
    ['404 to an unknown method', `/things/${ID}`, { method: 'DELETE' }, 404],
    ['404 to a route of the management port', '/metrics', {}, 404],
    ['404 to OPTIONS that is not a preflight', '/things', { method: 'OPTIONS' }, 404],
    ['409', '/things/taken', {}, 409],
    ['413', '/things', { method: 'POST', body: `{"name":"${'a'.repeat(70_000)}"}` }, 413],
    ['415', '/things', { method: 'POST', body: 'a', headers: { 'content-type': 'text/x' } }, 415],
    ['500', '/things/broken', {}, 500],
    ['503', '/things/away', {}, 503],
  ] as [string, string, Sent, number][])(
    'lets its pages read %s',
    async (_, path, sent, status) => {
      const headers = { ...(sent.body && { 'content-type': 'application/json' }), ...sent.headers };
      const answer = await get(path, { ...sent, headers, origin: PAGE });
      expect({ status: answer.status, ...corsOf(answer) }).toEqual({ status, ...ALLOWED });
      expect(answer.headers).toMatchObject({ vary: 'Origin', 'x-request-id': expect.anything() });
      const { headers: others } = await get(path, { ...sent, headers, origin: OTHER_PAGE });
      expect(others['access-control-allow-origin']).toBe(OTHER_PAGE);
    },
  );

  it.each([
    ['/things', 'POST'],
    ['/things', 'DELETE'],
    [`/things/${ID}?x=1`, 'GET'],
    ['/things/public/more', 'PUT'],
    ['/nothing', 'PATCH'],
    ['/things/%E0%A4%A', 'GET'],
  ])('answers the preflight for %s %s', async (path, asked) => {
    const answer = await get(path, { ...preflight(asked), origin: PAGE });
    expect({ status: answer.status, ...corsOf(answer) }).toEqual({
      ...{ status: 204, ...ALLOWED },
      ...PREFLIGHT,
    });
    expect(answer.headers).toMatchObject({ vary: 'Origin', 'content-length': '0' });
  });

  it.each([
    ['another site', STRANGER],
    ['a subdomain', 'https://www.shop.example.com'],
    ['a longer name', 'https://shop.example.com.evil.test'],
    ['another scheme', 'http://shop.example.com'],
    ['another port', `${PAGE}:8443`],
    ['the default port', `${PAGE}:443`],
    ['upper case', 'https://SHOP.example.com'],
    ['a slash', `${PAGE}/`],
    ['an opaque origin', 'null'],
    ['no origin', ''],
    ['two origins', [PAGE, STRANGER]],
    ['two origins in one header', `${PAGE} ${OTHER_PAGE}`],
  ] as const)('gives %s nothing, and answers its requests like any other', async (_, origin) => {
    const asked: Sent = {
      ...preflight(),
      origin: typeof origin === 'string' ? origin : [...origin],
    };
    const refused = await get('/things', asked);
    expect({ status: refused.status, ...corsOf(refused) }).toEqual({ status: 404 });
    const answer = await get('/things/search?limit=1', { ...asked, method: 'GET' });
    expect({ status: answer.status, ...corsOf(answer) }).toEqual({ status: 200 });
    for (const { headers } of [refused, answer]) expect(headers['vary']).toBe('Origin');
  });

  it('adds no CORS headers for a caller that names no origin', async () => {
    const answer = await get('/things/search?limit=1');
    expect(corsOf(answer)).toEqual({});
    expect(answer.headers['vary']).toBe('Origin');
  });

  it.each([PAGE, STRANGER, 'null', undefined])('lets %s read a public document', async (origin) => {
    const sent = origin === undefined ? {} : { origin };
    for (const method of ['GET', 'HEAD'])
      expect(corsOf(await get('/things/public?x', { ...sent, method }))).toEqual(ANYBODY);
    if (origin === undefined) return;
    const answer = await get('/things/public?x', { ...preflight('GET'), ...sent });
    expect({ status: answer.status, ...corsOf(answer) }).toEqual({
      ...{ status: 204, ...ANYBODY, ...PREFLIGHT },
      'access-control-allow-methods': 'GET, HEAD',
    });
  });

  it('allows nothing on its management port', async () => {
    const { managementPort = 0 } = service;
    for (const path of ['/metrics', '/health/ready', '/docs-json', '/', '/things', '/nothing']) {
      expect(corsOf(await send(managementPort, path, { origin: PAGE }))).toEqual({});
      const asked = await send(managementPort, path, { ...preflight(), origin: PAGE });
      expect({ status: asked.status, ...corsOf(asked) }).toEqual({ status: 404 });
    }
  });
});

describe('a service with allowed origins and a base path', () => {
  it('answers below it and without it', async () => {
    const options = { basePath: '/shop', corsOrigins: [PAGE], publicDocuments: ['/things/public'] };
    const service = await startService({ ...OPTIONS, ...options });
    for (const base of ['/shop', '']) {
      const asked = { ...preflight(), origin: PAGE };
      expect((await send(service.port, `${base}/things`, asked)).status).toBe(204);
      const answer = await send(service.port, `${base}/things/taken`, { origin: PAGE });
      expect(corsOf(answer)).toEqual(ALLOWED);
      const open = await send(service.port, `${base}/things/public`, {
        ...asked,
        origin: STRANGER,
      });
      expect(open).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': '*' } });
    }
    await service.close();
  });
});

describe('a service without allowed origins', () => {
  it('has no CORS headers, and answers preflights with 404', async () => {
    const service = await startService(OPTIONS);
    for (const sent of [{}, preflight()] as const) {
      const answer = await send(service.port, '/things/taken', { ...sent, origin: PAGE });
      expect(answer.status).toBe('method' in sent ? 404 : 409);
      expect(corsOf(answer)).toEqual({});
      expect(answer.headers).not.toHaveProperty('vary');
    }
    await service.close();
  });
});
