import { waitFor } from '@latchkey/testing';
import type { TokenPrincipal } from '@latchkey/verifier';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { TestServer, type Reply } from './test-server.js';
import { useTokenIssuer } from './token-issuer-fixture.js';
import {
  CallFailedError,
  createServiceClient,
  ServiceUnavailableError,
  type ServiceClientOptions,
  type ServiceTokens,
} from '../src/index.js';

const bed = useTokenIssuer();

describe('a service client', () => {
  let server: TestServer;
  let tokens: ServiceTokens;
  let principal: TokenPrincipal;

  beforeEach(async () => {
    server = await TestServer.start(() => ({ body: { ok: true } }));
    tokens = bed.current.tokens();
    principal = await bed.current.principal({ subject: 'ada' });
  });
  afterEach(() => server.close());

  const client = (more: Partial<ServiceClientOptions> = {}) =>
    createServiceClient({
      service: 'inventory',
      baseUrl: server.url,
      scopes: 'inventory:write',
      tokens,
      ...more,
    });
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      (error: unknown) => error,
    );
  const reasonOf = async (work: Promise<unknown>) => {
    const error = await failure(work);
    return error instanceof ServiceUnavailableError ? error.reason : error;
  };
  const bearerOf = (index = -1) =>
    decodeJwt(server.received.at(index)!.headers.authorization!.replace('Bearer ', ''));

  it('sends a token for this service and user, with a body, and returns the answer', async () => {
    server.answer = () => ({ status: 201, headers: { 'x-more': '1' }, body: { id: 7 } });
    const reply = await client()
      .for(principal)
      .post('/reservations', { sku: 'a' }, { reply: z.object({ id: z.number() }) });
    const id: number = reply.body.id;
    expect({ ...reply, headers: reply.headers.get('x-more'), id }).toEqual({
      status: 201,
      headers: '1',
      body: { id: 7 },
      id: 7,
    });
    expect(server.received).toMatchObject([
      { method: 'POST', path: '/reservations', body: '{"sku":"a"}' },
    ]);
    expect(server.received[0]!.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json',
    });
    expect(bearerOf()).toMatchObject({
      sub: 'ada',
      aud: ['inventory'],
      scope: 'inventory:write',
      act: { sub: 'orders' },
    });
  });

  it('calls without a user, with a token of its own', async () => {
    await client({ audience: 'stock', scopes: ['b', 'a'] })
      .own()
      .get('/products');
    expect(bearerOf()).toMatchObject({ sub: 'orders', aud: ['stock'], scope: 'a b' });
    expect(bearerOf()).not.toHaveProperty('sid');
  });

  it('can send fewer scopes with one call', async () => {
    await client({ scopes: 'a b' }).own().get('/products', { scopes: 'a' });
    expect(bearerOf()).toMatchObject({ scope: 'a' });
  });

  it.each(['get', 'head', 'post', 'put', 'patch', 'delete'] as const)(
    'has the method %s',
    async (method) => {
      const calls = client().own();
      const { status } = await calls[method]('/things?a=b%20c');
      expect(status).toBe(200);
      expect(server.received).toMatchObject([
        { method: method.toUpperCase(), path: '/things?a=b%20c', body: '' },
      ]);
      expect(server.received[0]!.headers).not.toHaveProperty('content-type');
    },
  );

  it.each<[string, Reply, unknown]>([
    ['JSON', { body: { a: 1 } }, { a: 1 }],
    ['nothing', { status: 204, body: '' }, undefined],
    ['a text', { headers: { 'content-type': 'text/plain' }, body: 'hello' }, 'hello'],
    [
      'a kind of JSON',
      { headers: { 'content-type': 'Application/hal+JSON;charset=utf-8' }, body: '[1]' },
      [1],
    ],
  ])('reads %s', async (_, reply, body) => {
    server.answer = () => reply;
    expect((await client().own().get('/')).body).toEqual(body);
  });

  describe('passes on the headers of the request that is being answered', () => {
    const context = () => ({
      'X-Request-Id': 'r1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'a=b',
      'revocation-min-position': '7',
      'Idempotency-Key': 'k1',
      authorization: 'Bearer stolen',
      cookie: 'session=stolen',
      'x-other': 'no',
      missing: undefined,
    });

    it('and no others', async () => {
      await client({ context }).own().post('/');
      const { headers } = server.received[0]!;
      expect(headers).toMatchObject({
        'x-request-id': 'r1',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        tracestate: 'a=b',
        'revocation-min-position': '7',
        'idempotency-key': 'k1',
      });
      expect(JSON.stringify(headers)).not.toMatch(/stolen|x-other/);
    });

    it('but the idempotency key only with what it is about', async () => {
      await client({ context }).own().get('/');
      await client({ context }).own().patch('/', {}, { idempotencyKey: 'k2' });
      expect(server.received[0]!.headers).not.toHaveProperty('idempotency-key');
      expect(server.received[1]!.headers['idempotency-key']).toBe('k2');
    });

    it('unless the call sets them', async () => {
      await client({ context })
        .own()
        .post('/', {}, { headers: { 'x-request-id': 'r2', 'X-Own': '1' } });
      expect(server.received[0]!.headers).toMatchObject({ 'x-request-id': 'r2', 'x-own': '1' });
    });
  });

  it.each(['Authorization', 'cookie', 'HOST', 'content-length', 'content-type'])(
    'refuses to set %s',
    async (name) => {
      const call = client()
        .own()
        .get('/', { headers: { [name]: 'x' } });
      expect(await failure(call)).toBeInstanceOf(TypeError);
      expect(server.received).toHaveLength(0);
    },
  );

  describe('retries', () => {
    const failing = (times: number, reply: Reply): void => {
      let count = 0;
      server.answer = () => (count++ < times ? reply : { body: {} });
    };
    const PASSING: [string, Reply][] = [
      ['500', { status: 500 }],
      ['503', { status: 503 }],
      ['a broken connection', 'cut'],
    ];

    it.each(PASSING)('calls that can be repeated: after %s', async (_, reply) => {
      for (const method of ['get', 'head', 'put', 'delete'] as const) {
        failing(2, reply);
        expect((await client().own()[method]('/')).status).toBe(200);
      }
      failing(2, reply);
      expect((await client().own().post('/', {}, { idempotencyKey: 'k' })).status).toBe(200);
      failing(2, reply);
      expect((await client().own().patch('/', {}, { idempotent: true })).status).toBe(200);
      expect(server.received).toHaveLength(18);
    });

    it.each(PASSING)('no other calls: after %s', async (_, reply) => {
      failing(1, reply);
      expect(await failure(client().own().post('/'))).toBeInstanceOf(ServiceUnavailableError);
      failing(1, reply);
      expect(await failure(client().own().patch('/'))).toBeInstanceOf(ServiceUnavailableError);
      failing(1, reply);
      expect(await failure(client().own().get('/', { idempotent: false }))).toBeInstanceOf(
        ServiceUnavailableError,
      );
      expect(server.received).toHaveLength(3);
    });

    it('as often as the options say', async () => {
      failing(99, { status: 502 });
      expect(await reasonOf(client({ retries: 0 }).own().get('/'))).toBe('server_error');
      expect(server.received).toHaveLength(1);
      expect(await reasonOf(client({ retries: 1 }).own().get('/'))).toBe('server_error');
      expect(server.received).toHaveLength(3);
    });

    it('no refusal', async () => {
      failing(99, { status: 429, headers: { 'retry-after': '0' } });
      expect(await failure(client().own().get('/'))).toMatchObject({ status: 429 });
      expect(server.received).toHaveLength(1);
    });

    it('after the time that the service asks for, if there is enough', async () => {
      failing(1, { status: 503, headers: { 'retry-after': '1' } });
      const began = performance.now();
      await client().own().get('/');
      expect(performance.now() - began).toBeGreaterThanOrEqual(990);
      failing(1, { status: 503, headers: { 'retry-after': '3600' } });
      expect(await failure(client().own().get('/'))).toMatchObject({
        reason: 'server_error',
        status: 503,
        retryAfterSeconds: 3_600,
      });
      expect(server.received).toHaveLength(3);
    });
  });

  describe('ends a call', () => {
    it('at its deadline', async () => {
      server.answer = () => 'hang';
      const short = client({ timeoutMilliseconds: 50 });
      expect(await reasonOf(short.own().get('/'))).toBe('deadline');
      expect(await reasonOf(client().own().get('/', { timeoutMilliseconds: 50 }))).toBe('deadline');
    });

    it('at its deadline, while the issuer is slow', async () => {
      bed.current.reply = () => 'hang';
      expect(await reasonOf(client({ timeoutMilliseconds: 50 }).own().get('/'))).toBe('deadline');
    });

    it('when its signal aborts, before or during the call', async () => {
      server.answer = () => 'hang';
      const controller = new AbortController();
      const pending = reasonOf(client().own().get('/', { signal: controller.signal }));
      await waitFor(() => server.received.length === 1);
      controller.abort();
      expect(await pending).toBe('aborted');
      expect(await reasonOf(client().own().get('/', { signal: controller.signal }))).toBe(
        'aborted',
      );
      expect(server.received).toHaveLength(1);
    });

    it('when it is closed', async () => {
      server.answer = () => 'hang';
      const closing = client();
      const pending = [1, 2, 3].map(() => reasonOf(closing.own().get('/')));
      await waitFor(() => server.received.length === 3);
      closing.close();
      expect(await Promise.all(pending)).toEqual(['aborted', 'aborted', 'aborted']);
      expect(await reasonOf(closing.own().get('/'))).toBe('aborted');
    });
  });

  describe('leaves a service alone that fails', () => {
    const circuit = { failures: 3, pauseMilliseconds: 50, maxPauseMilliseconds: 100 };
    const longCircuit = { failures: 3, pauseMilliseconds: 60_000, maxPauseMilliseconds: 60_000 };

    it.each<[string, Reply, number]>([
      ['answers 5xx', { status: 503 }, 10_000],
      ['breaks connections', 'cut', 10_000],
      ['hangs', 'hang', 200],
    ])('because it %s, and tries it again', async (_, reply, timeoutMilliseconds) => {
      // The deadline of a call that hangs is for the service, not for the issuer.
      await tokens.own('inventory', 'inventory:write');
      const failing = async (options: ServiceClientOptions['circuit']) => {
        const guarded = client({ circuit: options!, retries: 0, timeoutMilliseconds });
        server.answer = () => reply;
        for (let time = 0; time < 3; time++) await failure(guarded.own().post('/'));
        // An attempt that hangs is counted when it has been aborted, a moment after its caller has gone.
        await waitFor(() => guarded.circuit === 'open');
        return guarded;
      };
      const left = await failing(longCircuit);
      const sent = server.received.length;
      expect(sent).toBeLessThanOrEqual(3);
      expect(await reasonOf(left.own().post('/'))).toBe('circuit_open');
      expect(server.received).toHaveLength(sent);

      const guarded = await failing(circuit);
      server.answer = () => ({});
      await waitFor(async () => (await reasonOf(guarded.own().post('/'))) === 'no error');
      expect(guarded.circuit).toBe('closed');
    });

    it.each([400, 401, 403, 404, 409, 422, 429])('but not because of %i', async (status) => {
      const guarded = client({ circuit });
      server.answer = () => ({ status });
      for (let time = 0; time < 5; time++) await failure(guarded.own().get('/'));
      expect(guarded.circuit).toBe('closed');
    });

    it('nor because its callers give up', async () => {
      const guarded = client({ circuit });
      server.answer = () => 'hang';
      for (let time = 1; time <= 5; time++) {
        const controller = new AbortController();
        const pending = failure(guarded.own().get('/', { signal: controller.signal }));
        await waitFor(() => server.received.length === time);
        controller.abort();
        await pending;
      }
      expect(guarded.circuit).toBe('closed');
    });
  });

  describe('reports', () => {
    it.each([400, 403, 404, 409, 418, 422])('a refusal with its problem: %i', async (status) => {
      const document = {
        type: 'urn:x',
        title: 'No',
        status,
        code: 'no',
        detail: 'Because',
        extra: [1],
      };
      server.answer = () => ({
        status,
        headers: { 'content-type': 'application/problem+json' },
        body: document,
      });
      const error = await failure(client().own().post('/', {}, { idempotencyKey: 'k' }));
      expect(error).toBeInstanceOf(CallFailedError);
      expect(error).toMatchObject({
        service: 'inventory',
        status,
        message: `inventory answered ${status} (no)`,
        problem: { type: 'urn:x', title: 'No', code: 'no', detail: 'Because', document },
      });
      expect(server.received).toHaveLength(1);
    });

    it.each(['', 'text', '[]', 'null', '"x"', '{', '{"code":7}'])(
      'a refusal whose body is not a problem document: %j',
      async (body) => {
        server.answer = () => ({ status: 409, body });
        const error = (await failure(client().own().get('/'))) as CallFailedError;
        expect(error.status).toBe(409);
        expect(error.problem?.code).toBeUndefined();
      },
    );

    it.each([301, 302, 303, 307, 308])(
      'a redirect, which it does not follow: %i',
      async (status) => {
        server.answer = ({ path }) =>
          path === '/other' ? {} : { status, headers: { location: '/other' } };
        expect(await failure(client().own().get('/'))).toMatchObject({ status });
        expect(server.received).toHaveLength(1);
      },
    );

    it('a service that is down', async () => {
      const down = client({ retries: 0 });
      await server.close();
      const error = (await failure(down.own().get('/'))) as Error;
      expect(error).toMatchObject({ reason: 'unreachable', service: 'inventory' });
      expect((error.cause as Error).message).toBe('ECONNREFUSED');
      await server.listen();
    });

    it.each<[string, Reply, string]>([
      ['is not JSON', { body: '{' }, 'the body is not JSON'],
      ['does not match', { body: { id: 'seven', 'a/b': [] } }, 'the body is wrong at /id'],
      ['is empty', { status: 204, body: '' }, 'the body is wrong at /'],
      ['is too long', { body: 'x'.repeat(2_000) }, 'it has more than 1000 bytes'],
    ])('an answer that %s', async (_, reply, detail) => {
      server.answer = () => reply;
      const schema = z.object({ id: z.number() });
      const call = client({ maxReplyBytes: 1_000 }).own().get('/', { reply: schema });
      const error = (await failure(call)) as Error;
      expect(error).toMatchObject({ reason: 'invalid_reply' });
      expect(error.message).toContain(detail);
    });
  });

  describe('with a token that the service rejects', () => {
    it('sends the call again with a new one, once, for any number of callers', async () => {
      const calls = client().for(principal);
      await calls.get('/');
      const bad = server.received[0]!.headers.authorization;
      server.answer = ({ headers }) => (headers.authorization === bad ? { status: 401 } : {});
      const replies = await Promise.all(Array.from({ length: 100 }, () => calls.post('/')));
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
      expect(bed.current.requests).toHaveLength(2);
    });

    it('gives up if the new one is rejected as well, and leaves the issuer in peace', async () => {
      server.answer = () => ({ status: 401 });
      for (let time = 0; time < 20; time++)
        expect(await failure(client().for(principal).get('/'))).toMatchObject({ status: 401 });
      expect(bed.current.requests).toHaveLength(2);
    });

    it('does not call for a session that has ended', async () => {
      const calls = client().for(principal);
      await calls.get('/');
      bed.current.revokeSession(principal.sessionId!);
      expect(await failure(calls.get('/'))).toMatchObject({
        code: 'revoked',
        isCredentialInvalid: true,
      });
      expect(server.received).toHaveLength(1);
    });
  });

  describe('joins URLs', () => {
    it.each([
      ['', '/x', '/x'],
      ['/', '/x', '/x'],
      ['/api', '/x', '/api/x'],
      ['/api/', '/x?y=/../z', '/api/x?y=/../z'],
      ['/a%20b/', '/', '/a%20b/'],
      ['/api', '/@evil', '/api/@evil'],
      ['/api', '/x//y', '/api/x//y'],
      ['/api', '/%C3%A4', '/api/%C3%A4'],
    ])('%j and %j', async (base, path, expected) => {
      await client({ baseUrl: server.url + base })
        .own()
        .get(path);
      expect(server.received[0]!.path).toBe(expected);
    });

    it('in upper case, as a URL, on IPv6', () => {
      const urls = [
        'HTTPS://INVENTORY.Example.COM/',
        new URL('https://x.test'),
        'http://[::1]:3000',
        'http://LOCALHOST:1/',
      ];
      for (const baseUrl of urls) expect(() => client({ baseUrl })).not.toThrow();
    });

    it.each([
      '',
      'x',
      '//evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '/..',
      '/../x',
      '/a/../../x',
      '/a/..',
      '/./x',
      '/%2e%2e/x',
      '/a/%2E./x',
      '/a%2f..%2fx',
      '/a%5c..%5cx',
      '/a b',
      '/a\tb',
      '/a\r\nx: y',
      '/a\u0000',
      '/a#b',
      '/%',
      '/%ff',
      'https://evil.example/',
      '@evil.example/',
      '.evil.example/',
      ':80/',
    ])('but not with a path that leaves the service: %j', async (path) => {
      expect(
        await failure(
          client({ baseUrl: `${server.url}/api` })
            .own()
            .get(path),
        ),
      ).toBeInstanceOf(TypeError);
      expect(server.received).toHaveLength(0);
      expect(bed.current.requests).toHaveLength(0);
    });
  });
});
