import { makeIssuer, waitFor, type TestIssuer } from '@latchkey/testing';
import {
  Controller,
  Get,
  Injectable,
  Module,
  UseGuards,
  type INestApplication,
} from '@nestjs/common';
import { bearer, get, startApp } from './guarded-app-fixture.js';
import {
  AccessTokenGuard,
  VerifierLifecycle,
  VerifierModule,
  type VerifierModuleOptions,
} from '../src/index.js';

const ISSUER = 'https://issuer.test';
const OTHER_ISSUER = 'https://other.test';

let issuer: TestIssuer;
let other: TestIssuer;
let app: INestApplication | undefined;
beforeAll(async () => {
  issuer = await makeIssuer({ issuer: ISSUER });
  other = await makeIssuer({ issuer: OTHER_ISSUER });
});
afterEach(() => app?.close());

const trustIn = (trusted: TestIssuer) => ({
  issuer: trusted.issuer,
  audience: 'orders',
  keys: () => Promise.resolve(trusted.jwks()),
});
const optionsOf = (trusted: TestIssuer) =>
  ({ ...trustIn(trusted), revocations: 'ignore' }) satisfies VerifierModuleOptions;

const statusOf = async (path: string, authorization?: string) =>
  (await get(app!, path, ...(authorization === undefined ? [] : [authorization]))).status;
const token = async (scope = '', from = issuer) => bearer(await from.makeToken({ scope }));

describe('VerifierModule.forRootAsync', () => {
  @Injectable()
  class Settings {
    readonly issuer = ISSUER;
  }
  @Module({ providers: [Settings], exports: [Settings] })
  class SettingsModule {}

  @Controller('guarded')
  @UseGuards(AccessTokenGuard)
  class GuardedController {
    @Get()
    answer() {
      return {};
    }
  }
  @Controller('open')
  class OpenController {
    @Get()
    answer() {
      return {};
    }
    @Get('but-one')
    @UseGuards(AccessTokenGuard)
    one() {
      return {};
    }
  }

  const fromSettings = () => ({
    imports: [SettingsModule],
    inject: [Settings],
    useFactory: async (settings: Settings) => {
      await Promise.resolve();
      return { ...optionsOf(issuer), issuer: settings.issuer };
    },
  });

  it('is configured by its injected dependencies, and guards single routes', async () => {
    app = await startApp('fastify', {
      imports: [VerifierModule.forRootAsync(fromSettings())],
      controllers: [GuardedController, OpenController],
    });
    await waitFor(() => app!.get(VerifierLifecycle).readiness().ready);
    expect(await statusOf('/guarded')).toBe(401);
    expect(await statusOf('/guarded', await token())).toBe(200);
    expect(await statusOf('/open')).toBe(200);
    expect(await statusOf('/open/but-one')).toBe(401);
    expect(await statusOf('/open/but-one', await token())).toBe(200);
  });

  it('reports its keys and rejected tokens', async () => {
    app = await startApp('fastify', {
      imports: [VerifierModule.forRootAsync(fromSettings())],
      controllers: [GuardedController],
    });
    const lifecycle = app.get(VerifierLifecycle);
    await waitFor(() => lifecycle.readiness().ready);
    await statusOf('/guarded', await token());
    await statusOf('/guarded', 'Bearer nonsense');
    expect(lifecycle.health()).toMatchObject({
      ready: true,
      reasons: [],
      status: {
        issuers: [
          { issuer: ISSUER, keyIds: [issuer.keys[0]!.kid], ageSeconds: expect.any(Number) },
        ],
        tokens: { accepted: 1, refused: { malformed: 1 } },
      },
    });
  });

  it('is private to the importing module if it is not global', async () => {
    @Module({
      imports: [VerifierModule.forRootAsync({ ...fromSettings(), isGlobal: false })],
      controllers: [GuardedController],
    })
    class GuardedModule {}
    app = await startApp('express', { imports: [GuardedModule] });
    await waitFor(async () => (await statusOf('/guarded', await token())) === 200);

    @Module({ controllers: [OpenController] })
    class ElsewhereModule {}
    const imports = [GuardedModule, ElsewhereModule];
    await expect(startApp('express', { imports })).rejects.toThrow(/resolve dependencies/);
  });

  it('fails the start if an option is missing, and names the option', async () => {
    const useFactory = () => ({ ...optionsOf(issuer), audience: undefined as unknown as string });
    const imports = [VerifierModule.forRootAsync({ useFactory })];
    await expect(startApp('fastify', { imports })).rejects.toThrow(/audience/);
  });
});

describe('two issuers in one application', () => {
  @Controller('ours')
  @UseGuards(AccessTokenGuard)
  class OursController {
    @Get()
    answer() {
      return {};
    }
  }
  @Controller('theirs')
  @UseGuards(AccessTokenGuard)
  class TheirsController extends OursController {}

  const local = (trusted: TestIssuer) => {
    return VerifierModule.forRoot({ ...optionsOf(trusted), isGlobal: false });
  };

  async function expectEachItsOwn() {
    await waitFor(async () => (await statusOf('/ours', await token())) === 200);
    await waitFor(async () => (await statusOf('/theirs', await token('', other))) === 200);
    expect(await statusOf('/ours', await token('', other))).toBe(401);
    expect(await statusOf('/theirs', await token())).toBe(401);
  }

  it('are separated by two modules that are not global', async () => {
    @Module({ imports: [local(issuer)], controllers: [OursController] })
    class OursModule {}
    @Module({ imports: [local(other)], controllers: [TheirsController] })
    class TheirsModule {}
    app = await startApp('fastify', { imports: [OursModule, TheirsModule] });
    await expectEachItsOwn();
  });

  it('are separated by a global module and one in a feature module', async () => {
    @Module({ imports: [local(other)], controllers: [TheirsController] })
    class TheirsModule {}
    app = await startApp('fastify', {
      imports: [VerifierModule.forRoot(optionsOf(issuer)), TheirsModule],
      controllers: [OursController],
    });
    await expectEachItsOwn();
  });

  it('fail the start with two global modules', async () => {
    const imports = [
      VerifierModule.forRoot(optionsOf(issuer)),
      VerifierModule.forRoot(optionsOf(other)),
    ];
    await expect(startApp('fastify', { imports })).rejects.toThrow(/two global VerifierModules/);
  });

  it('can be trusted by one verifier', async () => {
    const { audience, revocations, keys } = optionsOf(issuer);
    const { keys: otherKeys } = optionsOf(other);
    const issuers = [
      { issuer: ISSUER, audience, keys },
      { issuer: OTHER_ISSUER, audience, keys: otherKeys },
    ] as const;
    app = await startApp('fastify', {
      imports: [VerifierModule.forRoot({ issuers, revocations })],
      controllers: [OursController],
    });
    await waitFor(async () => (await statusOf('/ours', await token())) === 200);
    expect(await statusOf('/ours', await token('', other))).toBe(200);
  });
});

describe('options', () => {
  it.each([
    ['neither feed nor revocations', {}],
    [
      'both feed and revocations',
      { feed: { servers: 'nats://127.0.0.1:1' }, whenStale: 'accept', revocations: 'ignore' },
    ],
  ])('are refused with %s', async (_, more) => {
    const options = { ...trustIn(issuer), ...more } as unknown as VerifierModuleOptions;
    await expect(
      startApp('fastify', { imports: [VerifierModule.forRoot(options)] }),
    ).rejects.toThrow(/either feed or revocations: 'ignore'/);
  });

  it.each<[string, object]>([
    ['clockToleranceSeconds', { clockToleranceSeconds: '5' }],
    ['whenStale', { feed: { servers: 'nats://127.0.0.1:1' }, whenStale: 'acept' }],
    ['whenStale', { feed: { servers: 'nats://127.0.0.1:1' } }],
    ['onWarning', { onWarning: 'log' }],
    [
      'onFeedEvent',
      { onFeedEvent: {}, feed: { servers: 'nats://127.0.0.1:1' }, whenStale: 'accept' },
    ],
    ['cookieOrigins', { cookieOrigins: [] }],
    ['cookieOrigins', { cookieOrigins: ['https://shop.example.com/checkout'] }],
    ['cookieOrigins', { cookieOrigins: ['https://shop.example.com', 'http://localhost:3000'] }],
  ])('are refused with their name: %s %p', async (name, more) => {
    const revocations = 'feed' in more ? {} : { revocations: 'ignore' };
    const options = { ...trustIn(issuer), ...revocations, ...more } as VerifierModuleOptions;
    const started = startApp('fastify', { imports: [VerifierModule.forRoot(options)] });
    await expect(started).rejects.toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(`^${name} must `),
    });
  });
});
