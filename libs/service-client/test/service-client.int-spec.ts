import { z } from 'zod';
import { failure, useService } from './service-fixture.js';
import type { Reply } from './test-server.js';

describe('a service client', () => {
  const bed = useService();
  const { client, bearerOf } = bed;

  it('sends a token for this service and user, with a body, and returns the answer', async () => {
    bed.server.answer = () => ({ status: 201, headers: { 'x-more': '1' }, body: { id: 7 } });
    const reply = await client()
      .for(bed.principal)
      .post('/reservations', { sku: 'a' }, { reply: z.object({ id: z.number() }) });
    const id: number = reply.body.id;
    expect({ ...reply, headers: reply.headers.get('x-more'), id }).toEqual({
      status: 201,
      headers: '1',
      body: { id: 7 },
      id: 7,
    });
    expect(bed.server.received).toMatchObject([
      { method: 'POST', path: '/reservations', body: '{"sku":"a"}' },
    ]);
    expect(bed.server.received[0]!.headers).toMatchObject({
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
      expect(bed.server.received).toMatchObject([
        { method: method.toUpperCase(), path: '/things?a=b%20c', body: '' },
      ]);
      expect(bed.server.received[0]!.headers).not.toHaveProperty('content-type');
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
    bed.server.answer = () => reply;
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
      await client({ context }).for(bed.principal).post('/');
      const { headers } = bed.server.received[0]!;
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
      await client({ context }).for(bed.principal).get('/');
      await client({ context }).for(bed.principal).patch('/', {}, { idempotencyKey: 'k2' });
      expect(bed.server.received[0]!.headers).not.toHaveProperty('idempotency-key');
      expect(bed.server.received[1]!.headers['idempotency-key']).toBe('k2');
    });

    it('unless the call sets them', async () => {
      await client({ context })
        .own()
        .post('/', {}, { headers: { 'x-request-id': 'r2', 'X-Own': '1' } });
      expect(bed.server.received[0]!.headers).toMatchObject({ 'x-request-id': 'r2', 'x-own': '1' });
    });
  });

  it.each(['Authorization', 'cookie', 'HOST', 'content-length', 'content-type'])(
    'refuses to set %s',
    async (name) => {
      const call = client()
        .own()
        .get('/', { headers: { [name]: 'x' } });
      expect(await failure(call)).toBeInstanceOf(TypeError);
      expect(bed.server.received).toHaveLength(0);
    },
  );

  describe('with a token that the service rejects', () => {
    it('sends the call again with a new one, once, for any number of callers', async () => {
      const calls = client().for(bed.principal);
      await calls.get('/');
      const bad = bed.server.received[0]!.headers.authorization;
      bed.server.answer = ({ headers }) => (headers.authorization === bad ? { status: 401 } : {});
      const replies = await Promise.all(Array.from({ length: 100 }, () => calls.post('/')));
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
      expect(bed.issuer.requests).toHaveLength(2);
    });

    it('gives up if the new one is rejected as well, and leaves the issuer in peace', async () => {
      bed.server.answer = () => ({ status: 401 });
      for (let time = 0; time < 20; time++)
        expect(await failure(client().for(bed.principal).get('/'))).toMatchObject({ status: 401 });
      expect(bed.issuer.requests).toHaveLength(2);
    });

    it('does not call for a session that has ended', async () => {
      const calls = client().for(bed.principal);
      await calls.get('/');
      bed.issuer.revokeSession(bed.principal.sessionId!);
      expect(await failure(calls.get('/'))).toMatchObject({
        code: 'revoked',
        isCredentialInvalid: true,
      });
      expect(bed.server.received).toHaveLength(1);
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
      await client({ baseUrl: bed.server.url + base })
        .own()
        .get(path);
      expect(bed.server.received[0]!.path).toBe(expected);
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
      '/..;/x',
      '/a/%2e%2e%3Bv=1/x',
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
          client({ baseUrl: `${bed.server.url}/api` })
            .own()
            .get(path),
        ),
      ).toBeInstanceOf(TypeError);
      expect(bed.server.received).toHaveLength(0);
      expect(bed.issuer.requests).toHaveLength(0);
    });
  });
});
