import net from 'node:net';
import { ThingsModule } from '../test/things-fixture.js';
import { startService, type RunningService } from './index.js';

describe('a service', () => {
  let service: RunningService;
  let log: string;

  beforeAll(async () => {
    log = '';
    service = await startService({
      name: 'things',
      module: ThingsModule,
      host: '127.0.0.1',
      port: 0,
      logLevel: 'debug',
      openApi: { title: 'Things', description: 'For tests' },
      limits: { silenceMilliseconds: 1_000 },
      handleSignals: false,
      logDestination: { write: (line) => void (log += line) },
    });
  });
  afterAll(() => service.close());

  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${service.url}/things`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      let answer = '';
      const socket = net.connect(service.port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (chunk) => (answer += chunk.toString()));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });
  const problemOf = async (response: Response) => {
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    return (await response.json()) as Record<string, unknown>;
  };

  it('passes good input on', async () => {
    const response = await post('{"name":"a"}');
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ name: 'a', parts: [] });
  });

  it.each([
    ['{"name":1}', '/name'],
    ['{"name":"a","more":1}', '/more'],
    ['{"name":"a","parts":[{"count":1.5}]}', '/parts/0/count'],
    ['{"name":"a","parts":[{"count":1,"x":2}]}', '/parts/0/x'],
  ])('names the field that is wrong in %s', async (body, field) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ code: 'invalid_input', errors: [{ in: 'body', field }] });
  });

  it.each([
    ['malformed JSON', '{"name":', {}, 400],
    ['an empty body', '', {}, 400],
    ['a poisoned prototype', '{"name":"a","__proto__":{"x":1}}', {}, 400],
    ['plain text', 'name=a', { 'content-type': 'text/plain' }, 415],
    ['a form', 'name=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['another media type', 'name=a', { 'content-type': 'application/xml' }, 415],
    ['a malformed media type', '{"name":"a"}', { 'content-type': 'json' }, 415],
    ['an oversized body', JSON.stringify({ name: 'a'.repeat(70_000) }), {}, 413],
  ] as const)('answers %s with a problem', async (_, body, headers, status) => {
    const response = await post(body, headers);
    expect(response.status).toBe(status);
    expect((await problemOf(response))['status']).toBe(status);
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'application/json, application/json',
    'undefined',
    'a b',
    '',
  ])('treats an empty body of "%s" as no body', async (type) => {
    const ending = await post('', { 'content-type': type });
    expect(await problemOf(ending)).toMatchObject({ status: 400, code: 'invalid_input' });
    const options = { method: 'POST', headers: { 'content-type': type } };
    for (const framing of ['Content-Length: 0', 'Transfer-Encoding: chunked']) {
      const body = framing.startsWith('T') ? '0\r\n\r\n' : '';
      const head = `POST /things/bodiless HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}`;
      expect(await raw(`${head}\r\n${framing}\r\n\r\n${body}`)).toMatch(/^HTTP\/1.1 201/);
    }
    expect((await fetch(`${service.url}/nothing/here`, options)).status).toBe(404);
  });

  it('names a wrong path and query parameter', async () => {
    const path = await fetch(`${service.url}/things/not-a-uuid`);
    expect(await problemOf(path)).toMatchObject({ errors: [{ in: 'path', field: 'id' }] });
    const query = await fetch(`${service.url}/things/search?limit=1&x=2`);
    expect(await problemOf(query)).toMatchObject({ errors: [{ in: 'query', field: 'x' }] });
  });

  it('lists the routes for operators at its root, and answers there', async () => {
    const { service: name, ...links } = (await (await fetch(`${service.url}/`)).json()) as {
      service: string;
    } & Record<string, string>;
    expect(name).toBe('things');
    expect(Object.keys(links)).toEqual(['documentation', 'openApi', 'health', 'metrics']);
    for (const path of Object.values(links))
      expect((await fetch(service.url + path)).status).toBe(200);
  });

  it('forbids caches to store answers and errors, unless a route allows it', async () => {
    const cacheControl = async (path: string, init?: RequestInit) =>
      (await fetch(service.url + path, init)).headers.get('cache-control');
    const id = '00000000-0000-4000-8000-000000000000';
    for (const path of [
      `/things/${id}`,
      '/things/taken',
      '/things/broken',
      '/nothing',
      '/health/live',
    ])
      expect(await cacheControl(path)).toBe('no-store');
    expect(await cacheControl('/things', { method: 'POST', body: '{' })).toBe('no-store');
    expect(await cacheControl('/things/public')).toBe('public, max-age=60');
  });

  it('answers an unknown path with a problem', async () => {
    const response = await fetch(`${service.url}/nothing/here`);
    expect(response.status).toBe(404);
    expect((await problemOf(response))['code']).toBe('not_found');
  });

  it('answers a badly encoded address with a problem', async () => {
    const answer = await raw(
      'GET /things/%E0%A4%A HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 400/);
    expect(answer).toContain('application/problem+json');
  });

  it('logs an unexpected error, and does not reveal it', async () => {
    const response = await fetch(`${service.url}/things/broken`);
    expect(response.status).toBe(500);
    expect(JSON.stringify(await problemOf(response))).not.toContain('secret detail');
    expect(log).toContain('secret detail');
  });

  it('does not pass on the refusal of another service as its own', async () => {
    expect((await fetch(`${service.url}/things/foreign-refusal`)).status).toBe(500);
    expect(log).toContain('not yours');
  });

  it('answers a large invalid body with a short problem', async () => {
    const members = Array.from({ length: 5_000 }, (_, index) => [`x${index}`, 1]);
    const response = await fetch(`${service.url}/things`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(Object.fromEntries(members)),
    });
    expect(response.status).toBe(400);
    expect((await response.text()).length).toBeLessThan(10_000);
  });

  it('closes a silent connection', async () => {
    const { port } = new URL(service.url);
    const socket = net.connect(Number(port), '127.0.0.1');
    await new Promise((resolve) => socket.once('close', resolve).resume());
  });

  it('renders problems with their headers', async () => {
    const away = await fetch(`${service.url}/things/away`);
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '1']);
    const taken = await fetch(`${service.url}/things/taken`);
    expect(await problemOf(taken)).toMatchObject({ code: 'taken', detail: 'choose another' });
  });

  it.each(['Authorization: Bearer x', 'Idempotency-Key: x', 'Content-Type: application/json'])(
    'refuses a duplicate header: %s',
    async (header) => {
      const answer = await raw(
        `GET /things/taken HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}\r\n${header}\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 400/);
      expect(answer).toContain('application/problem+json');
      expect(answer).toContain('"code":"duplicate_header"');
    },
  );

  it('answers malformed HTTP, and headers that are too large', async () => {
    expect(await raw('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
    const large = `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'a'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(large)).toMatch(/^HTTP\/1.1 431/);
  });

  it('keeps a safe request id, and replaces any other', async () => {
    const kept = await fetch(`${service.url}/things/taken`, { headers: { 'x-request-id': 'a-1' } });
    expect(kept.headers.get('x-request-id')).toBe('a-1');
    expect((await problemOf(kept))['requestId']).toBe('a-1');
    const replaced = await fetch(`${service.url}/things/taken`, {
      headers: { 'x-request-id': 'a b{"x":1}' },
    });
    expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('counts requests by route, not by path', async () => {
    await fetch(`${service.url}/nothing/${Math.random()}`);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toContain('http_requests_total{method="POST",route="/things",status="201"}');
    expect(metrics).toContain('route="unknown",status="404"');
    expect(metrics).not.toContain('/nothing/');
  });

  it('reports that it is live and ready', async () => {
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  });

  it('documents its inputs', async () => {
    const document = await (await fetch(`${service.url}/docs-json`)).json();
    expect(JSON.stringify(document)).toContain('"count"');
    expect((await fetch(`${service.url}/docs`)).status).toBe(200);
  });

  it('logs neither bodies, queries nor credentials', async () => {
    await post('{"name":"hunter2"}', { authorization: 'Bearer secret-credential' });
    await fetch(`${service.url}/things/search?limit=1&token=secret-query`);
    expect(log).toContain('"route":"/things"');
    expect(log).not.toMatch(/hunter2|secret-credential|secret-query/);
  });
});

describe('a service that shuts down', () => {
  it('finishes requests in flight, and does not wait for their idle connections afterwards', async () => {
    const service = await startService({
      name: 'things',
      module: ThingsModule,
      host: '127.0.0.1',
      port: 0,
      logLevel: 'silent',
      openApi: { title: 'Things', description: 'For tests' },
      handleSignals: false,
    });
    let sent: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (sent = resolve));
    service.app.getHttpServer().once('request', () => sent());
    const inFlight = fetch(`${service.url}/things/slow`);
    await arrived;
    const closed = service.close();
    const response = await inFlight;
    expect(response.status).toBe(200);
    expect(response.headers.get('connection')).toBe('close');
    await closed;
  }, 30_000);
});
