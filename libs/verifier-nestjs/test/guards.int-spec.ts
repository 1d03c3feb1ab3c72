import { TestAuthority, waitFor } from '@latchkey/testing';
import { Verifier } from '@latchkey/verifier';
import { Controller, Get, Req, UseGuards, type INestApplication } from '@nestjs/common';
import {
  bearer,
  COMBINATIONS,
  get,
  GUARDS,
  optionsFor,
  outcome,
  startApp,
  startGuardedApp,
  UNREACHABLE_FEED,
} from './guarded-app-fixture.js';
import { VerifierLifecycle, VerifierModule, type VerifierModuleOptions } from '../src/index.js';
import { LatchkeyPassportStrategy, PassportAccessTokenGuard } from '../src/passport.js';

const isReady = (app: INestApplication) => app.get(VerifierLifecycle).readiness().ready;
const INVALID = { status: 401, challenge: 'Bearer error="invalid_token"', code: 'invalid_token' };

let authority: TestAuthority;
beforeAll(async () => (authority = await TestAuthority.start('orders')));
afterAll(() => authority.close());

const token = async () => bearer(await authority.issuer.makeToken({ subject: 'ada' }));

describe.each(COMBINATIONS)('the %s on %s', (guard, platform) => {
  async function withApp(
    options: Partial<VerifierModuleOptions>,
    test: (app: INestApplication) => Promise<void>,
  ) {
    const all = { ...optionsFor(authority), ...options } as VerifierModuleOptions;
    const app = await startGuardedApp(guard, platform, all);
    try {
      await test(app);
    } finally {
      await app.close();
    }
  }

  it('injects the principal and the token into the handler', () =>
    withApp({}, async (app) => {
      await waitFor(() => isReady(app));
      const authorization = await token();
      expect((await get(app, '/me', authorization)).body).toEqual({
        subject: 'ada',
        tokenLength: authorization.length - 'Bearer '.length,
      });
    }));

  it('answers 503 until keys and revocations have loaded', () =>
    withApp({ feed: UNREACHABLE_FEED }, async (app) => {
      const answer = await get(app, '/me', await token());
      expect(outcome(answer)).toMatchObject({ status: 503, code: 'revocations_not_loaded' });
      expect(answer.headers['retry-after']).toBe('1');
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(isReady(app)).toBe(false);
    }));

  it('lets a route refuse tokens while the deny-list is stale, if the module accepts them', () =>
    withApp({ maxStalenessSeconds: 0.000_001 }, async (app) => {
      await waitFor(() => isReady(app));
      expect((await get(app, '/me', await token())).status).toBe(200);
      expect(outcome(await get(app, '/strict', await token()))).toMatchObject({
        status: 503,
        code: 'revocations_stale',
      });
    }));

  it('answers 500 to an unexpected error without revealing it', () =>
    withApp({}, async (app) => {
      await waitFor(() => isReady(app));
      app.get(Verifier).verify = () => Promise.reject(new Error('secret detail'));
      const answer = await get(app, '/me', await token());
      expect(answer.status).toBe(500);
      expect(JSON.stringify(answer)).not.toContain('secret detail');
    }));

  it('uses the verifier of its own application if a process runs several', () =>
    withApp({}, (orders) =>
      withApp({ audience: 'payments' }, async (payments) => {
        await waitFor(() => isReady(orders) && isReady(payments));
        const forPayments = bearer(await authority.issuer.makeToken({ audience: 'payments' }));
        expect(outcome(await get(orders, '/me', forPayments))).toEqual(INVALID);
        expect(outcome(await get(payments, '/me', await token()))).toEqual(INVALID);
        expect((await get(orders, '/me', await token())).status).toBe(200);
        expect((await get(payments, '/me', forPayments)).status).toBe(200);
      }),
    ));
});

describe.each(['fastify', 'express'] as const)('the Passport guard on %s', (platform) => {
  @Controller()
  class UserController {
    @Get('user')
    user(@Req() { user }: { user?: { subject?: string } }) {
      return { subject: user?.subject };
    }
  }
  const imports = () => [VerifierModule.forRoot(optionsFor(authority))];

  it('sets request.user', async () => {
    const metadata = {
      imports: imports(),
      controllers: [UserController],
      providers: GUARDS.passport,
    };
    const app = await startApp(platform, metadata);
    await waitFor(() => isReady(app));
    expect((await get(app, '/user', await token())).body).toEqual({ subject: 'ada' });
    await app.close();
  });

  it('does not trust a request.user that something else has set', async () => {
    const metadata = {
      imports: imports(),
      controllers: [UserController],
      providers: GUARDS.passport,
    };
    const app = await startApp(platform, metadata, (application) => {
      application.use((request: { user?: unknown }, _: unknown, next: () => void) => {
        request.user = { subject: 'eve', scopes: new Set() };
        next();
      });
    });
    await waitFor(() => isReady(app));
    expect(outcome(await get(app, '/user', bearer('a.b.c')))).toEqual(INVALID);
    expect((await get(app, '/user', await token())).body).toEqual({ subject: 'ada' });
    await app.close();
  });

  it('answers 500 without its strategy', async () => {
    @Controller()
    @UseGuards(PassportAccessTokenGuard)
    class GuardedController extends UserController {}
    const app = await startApp(platform, { imports: imports(), controllers: [GuardedController] });
    await waitFor(() => isReady(app));
    expect((await get(app, '/user', await token())).status).toBe(500);
    await app.close();
  });

  it('rejects a token whose key disappears during the verification', async () => {
    const providers = [...GUARDS.passport];
    const app = await startApp(platform, {
      imports: imports(),
      controllers: [UserController],
      providers,
    });
    await waitFor(() => isReady(app));
    expect(app.get(LatchkeyPassportStrategy)).toBeDefined();
    app.get(Verifier).publicKey = () => undefined;
    expect(outcome(await get(app, '/user', await token()))).toEqual(INVALID);
    await app.close();
  });
});
