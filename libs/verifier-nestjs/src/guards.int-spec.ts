import { TestAuthority, waitFor, type TokenOverrides } from '@latchkey/testing';
import type { Principal } from '@latchkey/verifier';
import { Controller, Get, Module, type INestApplication, type Type } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import net from 'node:net';
import {
  AccessToken,
  AccessTokenGuard,
  CurrentPrincipal,
  Public,
  RequireScopes,
  VerifierLifecycle,
  VerifierModule,
  WhenStale,
  type VerifierModuleOptions,
} from './index.js';
import { LatchkeyPassportStrategy, PassportAccessTokenGuard } from './passport.js';

@Controller()
class ProbeController {
  @Get('me')
  me(@CurrentPrincipal() { subject }: Principal, @AccessToken() token: string) {
    return { subject, tokenLength: token.length };
  }
  @Get('public')
  @Public()
  open() {
    return { open: true };
  }
  @Get('scoped')
  @RequireScopes('orders:read', 'orders:admin')
  scoped() {
    return {};
  }
  @Get('strict')
  @WhenStale('refuse')
  strict() {
    return {};
  }
}

const GUARDS = {
  guard: [{ provide: APP_GUARD, useExisting: AccessTokenGuard }],
  passport: [LatchkeyPassportStrategy, { provide: APP_GUARD, useClass: PassportAccessTokenGuard }],
};
const PLATFORMS = { fastify: FastifyAdapter, express: ExpressAdapter };
const COMBINATIONS = Object.keys(GUARDS).flatMap((guard) =>
  Object.keys(PLATFORMS).map((platform) => [guard, platform] as const),
) as [keyof typeof GUARDS, keyof typeof PLATFORMS][];

async function startApp(
  guard: keyof typeof GUARDS,
  platform: keyof typeof PLATFORMS,
  options: VerifierModuleOptions,
) {
  @Module({
    imports: [VerifierModule.forRoot(options)],
    controllers: [ProbeController],
    providers: GUARDS[guard],
  })
  class ProbeModule {}
  const adapter = new PLATFORMS[platform]();
  const app = await NestFactory.create<INestApplication>(ProbeModule as Type, adapter, {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  return app;
}

const portOf = (app: INestApplication) =>
  ((app.getHttpServer() as net.Server).address() as net.AddressInfo).port;

describe.each(COMBINATIONS)('the %s on %s', (guard, platform) => {
  let authority: TestAuthority;
  let app: INestApplication;
  let options: VerifierModuleOptions;

  beforeAll(async () => {
    authority = await TestAuthority.start('orders');
    const { servers, user, pass: password } = authority.nats.credentials('orders');
    options = {
      issuer: authority.issuer.issuer,
      audience: 'orders',
      whenStale: 'accept',
      feed: { servers, user, password },
    };
    app = await startApp(guard, platform, options);
    await waitFor(() => app.get(VerifierLifecycle).readiness().ready);
  });
  afterAll(async () => {
    await app.close();
    await authority.close();
  });

  const get = (path: string, authorization?: string) =>
    fetch(`http://127.0.0.1:${portOf(app)}${path}`, {
      headers: authorization === undefined ? {} : { authorization },
    });
  const getWith = async (path: string, overrides?: TokenOverrides) =>
    get(path, `Bearer ${await authority.issuer.makeToken(overrides)}`);
  const outcome = async (response: Response) => ({
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    code: ((await response.json()) as { code?: string }).code,
  });
  const INVALID = { status: 401, challenge: 'Bearer error="invalid_token"', code: 'invalid_token' };

  it('lets a good token pass, and hands its principal to the handler', async () => {
    const response = await getWith('/me', { subject: 'ada' });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ subject: 'ada' });
    const lower = `bearer  ${await authority.issuer.makeToken()}`;
    expect((await get('/me', lower)).status).toBe(200);
  });

  it('asks for a token, without an error, where there is none', async () => {
    const expected = { status: 401, challenge: 'Bearer', code: 'missing_token' };
    for (const header of [undefined, 'Basic YTpi', 'Bearer', 'Bearer ', 'Bearerx y']) {
      expect(await outcome(await get('/me', header))).toEqual(expected);
    }
  });

  it.each(['Bearer a b', 'Bearer a, Bearer b'])(
    'refuses the malformed header %j',
    async (header) => {
      expect(await outcome(await get('/me', header))).toMatchObject({
        status: 400,
        code: 'invalid_request',
      });
    },
  );

  it('refuses two Authorization headers', async () => {
    const token = await authority.issuer.makeToken();
    const header = `Authorization: Bearer ${token}\r\n`;
    const answer = await new Promise<string>((resolve) => {
      const socket = net.connect(portOf(app), '127.0.0.1', () =>
        socket.write(`GET /me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}${header}\r\n`),
      );
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1.1 400/);
  });

  it.each<[string, TokenOverrides]>([
    ['expired', { issuedAt: Math.floor(Date.now() / 1000) - 600 }],
    ['for another audience', { audience: 'payments' }],
    ['of an unknown key', { kid: 'other' }],
    ['of another type', { header: { typ: 'JWT' } }],
    ['with a header that must not be', { header: { crit: ['exp'] } }],
    ['without a client', { claims: { client_id: undefined } }],
    ['that lives too long', { expiresAt: Math.floor(Date.now() / 1000) + 86_400 }],
    ['of another issuer', { claims: { iss: 'https://other.test' } }],
  ])('refuses a token %s, and does not say why', async (_, overrides) => {
    const response = await getWith('/me', overrides);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await outcome(response)).toEqual(INVALID);
  });

  it.each(['x', 'a.b.c', '#', '..', 'e30.e30.', 'a'.repeat(9_000)])(
    'refuses %j as a token',
    async (token) => {
      expect(await outcome(await get('/me', `Bearer ${token}`))).toEqual(INVALID);
    },
  );

  it('refuses a token from the moment that its session is revoked', async () => {
    const token = `Bearer ${await authority.issuer.makeToken({ sessionId: 'ended' })}`;
    expect((await get('/me', token)).status).toBe(200);
    await authority.revokeSession('ended');
    await waitFor(async () => (await get('/me', token)).status === 401);
    expect(await outcome(await get('/me', token))).toEqual(INVALID);
  });

  it('asks for scopes, all of them', async () => {
    expect(await outcome(await getWith('/scoped', { scope: 'orders:read' }))).toEqual({
      status: 403,
      challenge: 'Bearer error="insufficient_scope", scope="orders:read orders:admin"',
      code: 'insufficient_scope',
    });
    const enough = await getWith('/scoped', { scope: 'orders:admin orders:read more' });
    expect(enough.status).toBe(200);
  });

  it('leaves public handlers alone', async () => {
    expect((await get('/public')).status).toBe(200);
    expect((await get('/public', 'Bearer nonsense')).status).toBe(200);
  });

  it('answers 503 until keys and revocations are there', async () => {
    const cold = await startApp(guard, platform, {
      ...options,
      feed: { servers: 'nats://127.0.0.1:1' },
    } as VerifierModuleOptions);
    const authorization = `Bearer ${await authority.issuer.makeToken()}`;
    const response = await fetch(`http://127.0.0.1:${portOf(cold)}/me`, {
      headers: { authorization },
    });
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await outcome(response)).toMatchObject({ status: 503, code: 'revocations_not_loaded' });
    expect(cold.get(VerifierLifecycle).readiness().ready).toBe(false);
    await cold.close();
  });

  it('lets a route refuse on a stale list where the module accepts', async () => {
    const stale = await startApp(guard, platform, {
      ...options,
      maxStalenessSeconds: 0.000_001,
    } as VerifierModuleOptions);
    await waitFor(() => stale.get(VerifierLifecycle).readiness().ready);
    const headers = { authorization: `Bearer ${await authority.issuer.makeToken()}` };
    const url = `http://127.0.0.1:${portOf(stale)}`;
    expect((await fetch(`${url}/me`, { headers })).status).toBe(200);
    expect(await outcome(await fetch(`${url}/strict`, { headers }))).toMatchObject({
      status: 503,
      code: 'revocations_stale',
    });
    await stale.close();
  });
});
