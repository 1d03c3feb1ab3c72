import { waitFor, type TestIssuer } from '@latchkey/testing';
import { Controller, Get, Injectable, Module, UseGuards } from '@nestjs/common';
import { UNREACHABLE_FEED } from './guarded-app-fixture.js';
import { ISSUER, OTHER_ISSUER, optionsOf, trustIn, useTwoIssuers } from './two-issuers-fixture.js';
import {
  AccessTokenGuard,
  VerifierLifecycle,
  VerifierModule,
  type VerifierModuleOptions,
} from '../src/index.js';

const bed = useTwoIssuers();
const { start, statusOf, token } = bed;

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
      return { ...optionsOf(bed.issuer), issuer: settings.issuer };
    },
  });

  it('is configured by its injected dependencies, and guards single routes', async () => {
    await start({
      imports: [VerifierModule.forRootAsync(fromSettings())],
      controllers: [GuardedController, OpenController],
    });
    await waitFor(() => bed.app.get(VerifierLifecycle).readiness().ready);
    expect(await statusOf('/guarded')).toBe(401);
    expect(await statusOf('/guarded', await token())).toBe(200);
    expect(await statusOf('/open')).toBe(200);
    expect(await statusOf('/open/but-one')).toBe(401);
    expect(await statusOf('/open/but-one', await token())).toBe(200);
  });

  it('reports its keys and rejected tokens', async () => {
    await start({
      imports: [VerifierModule.forRootAsync(fromSettings())],
      controllers: [GuardedController],
    });
    const lifecycle = bed.app.get(VerifierLifecycle);
    await waitFor(() => lifecycle.readiness().ready);
    await statusOf('/guarded', await token());
    await statusOf('/guarded', 'Bearer nonsense');
    expect(lifecycle.health()).toMatchObject({
      ready: true,
      reasons: [],
      status: {
        issuers: [
          { issuer: ISSUER, keyIds: [bed.issuer.keys[0]!.kid], ageSeconds: expect.any(Number) },
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
    await start({ imports: [GuardedModule] }, 'express');
    await waitFor(async () => (await statusOf('/guarded', await token())) === 200);

    @Module({ controllers: [OpenController] })
    class ElsewhereModule {}
    const imports = [GuardedModule, ElsewhereModule];
    await expect(start({ imports }, 'express')).rejects.toThrow(/resolve dependencies/);
  });

  it('fails the start if an option is missing, and names the option', async () => {
    const useFactory = () => ({
      ...optionsOf(bed.issuer),
      audience: undefined as unknown as string,
    });
    const imports = [VerifierModule.forRootAsync({ useFactory })];
    await expect(start({ imports })).rejects.toThrow(/audience/);
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
    await waitFor(async () => (await statusOf('/theirs', await token('', bed.other))) === 200);
    expect(await statusOf('/ours', await token('', bed.other))).toBe(401);
    expect(await statusOf('/theirs', await token())).toBe(401);
  }

  it('are separated by two modules that are not global', async () => {
    @Module({ imports: [local(bed.issuer)], controllers: [OursController] })
    class OursModule {}
    @Module({ imports: [local(bed.other)], controllers: [TheirsController] })
    class TheirsModule {}
    await start({ imports: [OursModule, TheirsModule] });
    await expectEachItsOwn();
  });

  it('are separated by a global module and one in a feature module', async () => {
    @Module({ imports: [local(bed.other)], controllers: [TheirsController] })
    class TheirsModule {}
    await start({
      imports: [VerifierModule.forRoot(optionsOf(bed.issuer)), TheirsModule],
      controllers: [OursController],
    });
    await expectEachItsOwn();
  });

  it('fail the start with two global modules', async () => {
    const imports = [
      VerifierModule.forRoot(optionsOf(bed.issuer)),
      VerifierModule.forRoot(optionsOf(bed.other)),
    ];
    await expect(start({ imports })).rejects.toThrow(/two global VerifierModules/);
  });

  it('can be trusted by one verifier', async () => {
    const { audience, revocations, keys } = optionsOf(bed.issuer);
    const { keys: otherKeys } = optionsOf(bed.other);
    const issuers = [
      { issuer: ISSUER, audience, keys },
      { issuer: OTHER_ISSUER, audience, keys: otherKeys },
    ] as const;
    await start({
      imports: [VerifierModule.forRoot({ issuers, revocations })],
      controllers: [OursController],
    });
    await waitFor(async () => (await statusOf('/ours', await token())) === 200);
    expect(await statusOf('/ours', await token('', bed.other))).toBe(200);
  });
});

describe('options', () => {
  it.each([
    ['neither feed nor revocations', {}],
    [
      'both feed and revocations',
      { feed: UNREACHABLE_FEED, whenStale: 'accept', revocations: 'ignore' },
    ],
  ])('are refused with %s', async (_, more) => {
    const options = { ...trustIn(bed.issuer), ...more } as unknown as VerifierModuleOptions;
    await expect(start({ imports: [VerifierModule.forRoot(options)] })).rejects.toThrow(
      /either feed or revocations: 'ignore'/,
    );
  });

  it.each<[string, object]>([
    ['clockToleranceSeconds', { clockToleranceSeconds: '5' }],
    ['whenStale', { feed: UNREACHABLE_FEED, whenStale: 'acept' }],
    ['whenStale', { feed: UNREACHABLE_FEED }],
    ['onWarning', { onWarning: 'log' }],
    ['onFeedEvent', { onFeedEvent: {}, feed: UNREACHABLE_FEED, whenStale: 'accept' }],
    ['cookieOrigins', { cookieOrigins: [] }],
    ['cookieOrigins', { cookieOrigins: ['https://shop.example.com/checkout'] }],
    ['cookieOrigins', { cookieOrigins: ['https://shop.example.com', 'http://localhost:3000'] }],
  ])('are refused with their name: %s %p', async (name, more) => {
    const revocations = 'feed' in more ? {} : { revocations: 'ignore' };
    const options = {
      ...trustIn(bed.issuer),
      ...revocations,
      ...more,
    } as VerifierModuleOptions;
    const started = start({ imports: [VerifierModule.forRoot(options)] });
    await expect(started).rejects.toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(`^${name} must `),
    });
  });
});
