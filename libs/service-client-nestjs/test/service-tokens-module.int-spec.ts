import { DenyList } from '@latchkey/deny-list';
import {
  CallFailedError,
  ServiceTokenError,
  ServiceTokens,
  ServiceUnavailableError,
} from '@latchkey/service-client';
import { waitFor, type TestIssuer } from '@latchkey/testing';
import { AccessTokenGuard, VerifierModule } from '@latchkey/verifier-nestjs';
import { Module, type INestApplication, type ModuleMetadata, type Type } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { decodeJwt } from 'jose';
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ServiceTokensModule,
  toServiceCallException,
  type ServiceTokensModuleOptions,
} from '../src/index.js';
import { failing, Inventory, IssuerAndService, ShopController } from './shop-fixture.js';

const PLATFORMS = { fastify: FastifyAdapter, express: ExpressAdapter };

describe.each(['fastify', 'express'] as const)('ServiceTokensModule on %s', (platform) => {
  let bed: IssuerAndService;
  let issuer: TestIssuer;
  let url: string;
  let app: INestApplication | undefined;

  beforeAll(async () => {
    bed = await IssuerAndService.start();
    ({ issuer, url } = bed);
  });
  beforeEach(() => {
    bed.received = [];
    bed.hangs = false;
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });
  afterAll(() => bed.close());

  const options = (): ServiceTokensModuleOptions => ({
    issuer: url,
    tokenEndpoint: `${url}/token`,
    clientId: 'orders',
    authentication: { clientSecret: 'secret' },
    services: { inventory: { url, scopes: 'inventory:write' } },
  });
  const verifier = (more: object = {}) =>
    VerifierModule.forRoot({
      issuer: url,
      audience: 'orders',
      keys: () => Promise.resolve(issuer.jwks()),
      revocations: 'ignore',
      ...more,
    });

  async function start(
    imports: ModuleMetadata['imports'] & {} = [verifier(), ServiceTokensModule.forRoot(options())],
  ) {
    @Module({
      imports,
      controllers: [ShopController],
      providers: [Inventory, { provide: APP_GUARD, useExisting: AccessTokenGuard }],
    })
    class AppModule {}
    app = await NestFactory.create<INestApplication>(AppModule as Type, new PLATFORMS[platform](), {
      logger: false,
      abortOnError: false,
    });
    await app.listen(0, '127.0.0.1');
    return app;
  }
  const call = (path: string, init: RequestInit = {}) => {
    const { port } = (app!.getHttpServer() as Server).address() as AddressInfo;
    return fetch(`http://127.0.0.1:${port}${path}`, init);
  };
  const place = async (
    token: string,
    headers: Record<string, string> = {},
    body: object = { sku: 'a' },
  ) =>
    call('/orders', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  it('calls a service for the user of the request', async () => {
    await start();
    const answer = await place(await issuer.makeToken({ subject: 'ada' }));
    expect(await answer.json()).toEqual({ received: '{"sku":"a"}' });
    const token = bed.received.at(-1)!.headers.authorization!.replace('Bearer ', '');
    expect(decodeJwt(token)).toMatchObject({
      sub: 'ada',
      aud: ['inventory'],
      scope: 'inventory:write',
    });
    expect(app!.get(ServiceTokens).status()).toMatchObject({ exchanges: 1, entries: 1 });
  });

  it('calls a service without a user', async () => {
    await start();
    expect((await call('/stock')).status).toBe(200);
    expect(app!.get(ServiceTokens).status()).toMatchObject({ ownTokens: 1 });
  });

  it('passes the headers of each request on, and only to its own calls', async () => {
    await start();
    const token = await issuer.makeToken();
    // The body is larger than one read of a socket, so that its parsing ends in another tick.
    const filler = 'x'.repeat(90_000);
    const ids = Array.from({ length: 20 }, () => randomUUID());
    await Promise.all(
      ids.map((id) =>
        place(
          token,
          {
            'x-request-id': id,
            traceparent: `t-${id}`,
            'idempotency-key': `k-${id}`,
            'x-other': 'no',
          },
          { id, filler },
        ),
      ),
    );
    const calls = bed.received.filter(({ path }) => path === '/reservations');
    expect(calls).toHaveLength(20);
    for (const { headers, body } of calls) {
      const { id } = JSON.parse(body) as { id: string };
      expect(headers).toMatchObject({
        'x-request-id': id,
        traceparent: `t-${id}`,
        'idempotency-key': `k-${id}`,
      });
      expect(headers).not.toHaveProperty('x-other');
    }
  });

  it('takes the headers from elsewhere if it is told to', async () => {
    const context = () => ({ 'x-request-id': 'mine' });
    await start([verifier(), ServiceTokensModule.forRoot({ ...options(), context })]);
    await place(await issuer.makeToken(), { 'x-request-id': 'theirs' });
    expect(bed.received.at(-1)!.headers['x-request-id']).toBe('mine');
  });

  it('hears of log-outs by the deny-list of the verifier', async () => {
    await start();
    const token = await issuer.makeToken({ sessionId: 's-1' });
    expect((await place(token)).status).toBe(201);
    const now = Math.floor(Date.now() / 1000);
    const by = { kind: 'session', sessionId: 's-1', issuer: url, id: randomUUID() } as const;
    const times = { revokedAt: now, expiresAt: now + 600, trigger: 'logout' } as const;
    app!.get(DenyList).apply({ ...by, ...times });
    const refused = await place(token);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="invalid_token"',
    ]);
    expect(app!.get(ServiceTokens).status()).toMatchObject({ entries: 0, exchanges: 1 });
  });

  it.each<[string, () => Error, number, string, Record<string, string>]>([
    [
      'a session that has ended',
      () => new ServiceTokenError('revoked', 'x', 'token_exchange'),
      401,
      'invalid_token',
      { 'www-authenticate': 'Bearer error="invalid_token"' },
    ],
    [
      'an invalid credential',
      () => new ServiceTokenError('invalid_grant', 'x', 'token_exchange'),
      401,
      'invalid_token',
      { 'www-authenticate': 'Bearer error="invalid_token"' },
    ],
    [
      'a user without the scope',
      () => new ServiceTokenError('invalid_scope', 'x', 'token_exchange'),
      403,
      'insufficient_scope',
      { 'www-authenticate': 'Bearer error="insufficient_scope"' },
    ],
    [
      'a client without the scope',
      () => new ServiceTokenError('invalid_scope', 'x', 'client_credentials'),
      502,
      'bad_gateway',
      {},
    ],
    [
      'a client that is refused',
      () => new ServiceTokenError('invalid_client', 'x', 'token_exchange'),
      502,
      'bad_gateway',
      {},
    ],
    [
      'a revoked client',
      () => new ServiceTokenError('revoked', 'x', 'client_credentials'),
      502,
      'bad_gateway',
      {},
    ],
    [
      'an unavailable service',
      () => new ServiceUnavailableError('inventory', 'deadline'),
      503,
      'service_unavailable',
      { 'retry-after': '1' },
    ],
    [
      'a service that asks to wait',
      () => new ServiceUnavailableError('inventory', 'server_error', { retryAfterSeconds: 6.5 }),
      503,
      'service_unavailable',
      { 'retry-after': '7' },
    ],
    ['an unexpected refusal', () => new CallFailedError('inventory', 409), 502, 'bad_gateway', {}],
  ])('answers for a handler that does not: %s', async (_, make, status, code, headers) => {
    await start();
    failing.error = make();
    const answer = await call('/failing');
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    for (const [name, value] of Object.entries(headers))
      expect(answer.headers.get(name)).toBe(value);
    expect(await answer.json()).toMatchObject({
      type: `urn:latchkey:problem:${code}`,
      status,
      code,
    });
    expect(toServiceCallException(failing.error)?.cause).toBe(failing.error);
  });

  it('leaves other errors alone', async () => {
    await start();
    failing.error = new Error('mine');
    expect((await call('/failing')).status).toBe(500);
    expect(toServiceCallException(failing.error)).toBeUndefined();
  });

  it('takes its options from a factory', async () => {
    const useFactory = () => Promise.resolve(options());
    await start([
      verifier(),
      ServiceTokensModule.forRootAsync({ services: ['inventory'], useFactory }),
    ]);
    expect((await call('/stock')).status).toBe(200);
  });

  it('fails the start if a name is not among the services', async () => {
    const useFactory = () => options();
    const services = ['inventory', 'payments'];
    await expect(
      start([verifier(), ServiceTokensModule.forRootAsync({ services, useFactory })]),
    ).rejects.toThrow('services does not contain payments');
  });

  it('fails the start with an invalid option of a service, which it names', async () => {
    const wrong = { ...options(), services: { inventory: { url: 'http://inventory' } } };
    await expect(start([verifier(), ServiceTokensModule.forRoot(wrong)])).rejects.toThrow(
      /^services\.inventory: baseUrl must use https/,
    );
  });

  it('needs a deny-list, unless revocations are ignored', async () => {
    @Module({ imports: [ServiceTokensModule.forRoot(options())] })
    class WithoutVerifier {}
    const create = (module: Type) =>
      NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    await expect(create(WithoutVerifier)).rejects.toThrow(/needs the DenyList of VerifierModule/);
    @Module({ imports: [ServiceTokensModule.forRoot({ ...options(), revocations: 'ignore' })] })
    class Ignoring {}
    await (await create(Ignoring)).close();
  });

  it('ends the calls of background work with the application', async () => {
    await start();
    bed.hangs = true;
    const work = app!.get(Inventory).stock();
    const outcome = work.then(
      () => 'an answer',
      (error: { reason?: string }) => error.reason,
    );
    await waitFor(() => bed.received.some(({ path }) => path === '/stock'));
    await app!.close();
    app = undefined;
    expect(await outcome).toBe('aborted');
  });
});
