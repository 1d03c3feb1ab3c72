import { makeIssuer, TestAuthority, waitFor } from '@latchkey/testing';
import type { Principal } from '@latchkey/verifier';
import { Controller, HttpCode, Post, type INestApplication } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import {
  COMBINATIONS,
  GUARDS,
  optionsFor,
  portOf,
  ProbeController,
  startApp,
} from './guarded-app-fixture.js';
import {
  AccessTokenCookie,
  Credentials,
  CurrentPrincipal,
  DEVELOPMENT_ACCESS_TOKEN_COOKIE as COOKIE,
  Public,
  RequireScopes,
  VerifierLifecycle,
  VerifierModule,
  type CallerCredentials,
} from '../src/index.js';

const ORIGIN = 'http://localhost:4000';

@Controller()
class ThingsController {
  @Post('things')
  @HttpCode(201)
  add(@CurrentPrincipal() { subject }: Principal, @Credentials() credentials: CallerCredentials) {
    return { subject, ...credentials };
  }
  @Post('scoped')
  @RequireScopes('things:admin')
  scoped() {
    return {};
  }
  @Post('public')
  @Public()
  open() {
    return {};
  }
}

let authority: TestAuthority;
beforeAll(async () => (authority = await TestAuthority.start('orders')));
afterAll(() => authority.close());

describe.each(COMBINATIONS)('a token in a cookie, with the %s on %s', (guard, platform) => {
  let app: INestApplication;
  let without: INestApplication;
  let token: string;
  let cookie: string;

  beforeAll(async () => {
    const start = (cookieOrigins?: readonly string[]) =>
      startApp(platform, {
        imports: [
          VerifierModule.forRoot({
            ...optionsFor(authority),
            ...(cookieOrigins && { cookieOrigins }),
          }),
        ],
        controllers: [ProbeController, ThingsController],
        providers: GUARDS[guard],
      });
    app = await start([ORIGIN]);
    without = await start();
    for (const one of [app, without])
      await waitFor(() => one.get(VerifierLifecycle).readiness().ready);
  });
  afterAll(async () => {
    await app.close();
    await without.close();
  });
  beforeEach(async () => {
    token = await authority.issuer.makeToken({ subject: 'ada' });
    cookie = `${COOKIE}=${token}`;
  });

  type Sent = Record<string, string>;
  async function send(method: string, path: string, headers: Sent, to = app) {
    const response = await fetch(`http://127.0.0.1:${portOf(to)}${path}`, { method, headers });
    const body = (await response.json()) as Record<string, unknown>;
    const challenge = response.headers.get('www-authenticate');
    return { status: response.status, code: body['code'], challenge, body };
  }
  const post = (headers: Sent) => send('POST', '/things', headers);

  it('is injected like a bearer token, and forwarded as one', async () => {
    const seen = await send('GET', '/me', { cookie: `other=1; ${cookie}; more=2` });
    expect(seen.body).toEqual({ subject: 'ada', tokenLength: token.length });
    const added = await post({ cookie, origin: ORIGIN });
    expect([added.status, added.body]).toEqual([
      201,
      { subject: 'ada', authorization: `Bearer ${token}` },
    ]);
  });

  it.each<[string, Sent]>([
    ['an allowed page', { origin: ORIGIN, 'sec-fetch-site': 'same-site' }],
    ['a form of an allowed page, without an Origin header', { 'sec-fetch-site': 'same-origin' }],
  ])('is accepted for a state-changing request from %s', async (_, headers) => {
    expect((await post({ cookie, ...headers })).status).toBe(201);
  });

  it.each<[string, Sent]>([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a sibling subdomain', { origin: 'http://evil.localhost:4000' }],
    ['a form of the same site, without an Origin header', { 'sec-fetch-site': 'same-site' }],
    ['a sandboxed frame', { origin: 'null' }],
    [
      'another site with a forged Sec-Fetch-Site',
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    ],
  ])('is rejected for a state-changing request from %s', async (_, headers) => {
    expect(await post({ cookie, ...headers })).toMatchObject({ status: 403, code: 'cross_origin' });
    expect((await send('POST', '/public', { cookie, ...headers })).status).toBe(201);
  });

  it('is rejected for a state-changing request without an origin', async () => {
    expect(await post({ cookie })).toMatchObject({ status: 403, code: 'origin_missing' });
  });

  it('is ignored beside an Authorization header, which requires no origin', async () => {
    const grace = await authority.issuer.makeToken({ subject: 'grace' });
    const authorization = `Bearer ${grace}`;
    expect((await post({ cookie, authorization })).body).toMatchObject({ subject: 'grace' });
    const rejected = await send('GET', '/me', { cookie, authorization: 'Bearer nonsense' });
    expect(rejected).toMatchObject({ status: 401, code: 'invalid_token' });
    const other = await send('GET', '/me', { cookie, authorization: 'Basic YTpi' });
    expect(other).toMatchObject({ status: 401, code: 'missing_token' });
  });

  it('is ignored if it was sent twice or is empty', async () => {
    for (const useless of [
      `${cookie}; ${cookie}`,
      `${COOKIE}=; ${cookie}`,
      `${COOKIE}=`,
      `x${cookie}`,
    ])
      expect(await send('GET', '/me', { cookie: useless })).toMatchObject({
        status: 401,
        code: 'missing_token',
        challenge: 'Bearer',
      });
  });

  it('is verified like a bearer token', async () => {
    const { issuer } = authority;
    const expiresAt = Math.floor(Date.now() / 1000) - 60;
    const foreign = await makeIssuer({ issuer: issuer.issuer });
    for (const bad of [
      await issuer.makeToken({ expiresAt, issuedAt: expiresAt - 60 }),
      await foreign.makeToken(),
      await issuer.makeToken({ audience: 'payments' }),
      `"${token}"`,
      'nonsense',
    ])
      expect(await send('GET', '/me', { cookie: `${COOKIE}=${bad}` })).toMatchObject({
        status: 401,
        code: 'invalid_token',
        challenge: 'Bearer error="invalid_token"',
      });
    const scoped = await send('POST', '/scoped', { cookie, origin: ORIGIN });
    expect(scoped).toMatchObject({ status: 403, code: 'insufficient_scope' });
  });

  it('is rejected once its session has ended', async () => {
    const sessionId = randomUUID();
    const ending = `${COOKIE}=${await authority.issuer.makeToken({ sessionId })}`;
    expect((await send('GET', '/me', { cookie: ending })).status).toBe(200);
    await authority.revokeSession(sessionId);
    await waitFor(async () => (await send('GET', '/me', { cookie: ending })).status === 401);
  });

  it('is ignored without cookieOrigins', async () => {
    expect(await send('GET', '/me', { cookie }, without)).toMatchObject({
      status: 401,
      code: 'missing_token',
    });
    expect(without.get(AccessTokenCookie)).toBeUndefined();
  });
});

it('an origin on plain HTTP fails the start', async () => {
  const options = { ...optionsFor(authority), cookieOrigins: ['http://shop.example.com'] };
  const started = startApp('fastify', { imports: [VerifierModule.forRoot(options)] });
  await expect(started).rejects.toThrow(/cookieOrigins: .* must use https/);
});
