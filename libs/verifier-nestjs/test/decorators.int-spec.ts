import { DenyList } from '@latchkey/deny-list';
import { waitFor } from '@latchkey/testing';
import { Controller, Get, Module, UseGuards, type Type } from '@nestjs/common';
import { GUARDS, UNREACHABLE_FEED } from './guarded-app-fixture.js';
import { optionsOf, trustIn, useTwoIssuers } from './two-issuers-fixture.js';
import {
  AccessTokenGuard,
  Public,
  RequireScopes,
  VerifierModule,
  WhenStale,
  type VerifierModuleOptions,
} from '../src/index.js';

const bed = useTwoIssuers();
const { start, statusOf, token } = bed;

describe('decorators on a controller and on its handlers', () => {
  @Controller('open')
  @Public()
  class OpenController {
    @Get()
    open() {
      return {};
    }
    @Get('closed')
    @Public(false)
    closed() {
      return {};
    }
    @Get('scoped')
    @RequireScopes('read')
    scoped() {
      return {};
    }
  }

  @Controller('scoped')
  @RequireScopes('admin')
  class ScopedController {
    @Get()
    inherited() {
      return {};
    }
    @Get('replaced')
    @RequireScopes('read')
    replaced() {
      return {};
    }
    @Get('open')
    @Public()
    open() {
      return {};
    }
  }

  @Controller('accepting')
  @WhenStale('accept')
  class AcceptingController {
    @Get()
    inherited() {
      return {};
    }
    @Get('strict')
    @WhenStale('refuse')
    strict() {
      return {};
    }
  }
  /** Inherits the handlers, which are the same functions. */
  @Controller('refusing')
  @WhenStale('refuse')
  class RefusingController extends AcceptingController {}

  /** The deny-list is stale: it is marked as loaded, but has never received a watermark. */
  async function startStale() {
    await start({
      imports: [
        VerifierModule.forRoot({
          ...trustIn(bed.issuer),
          whenStale: 'accept',
          feed: UNREACHABLE_FEED,
        }),
      ],
      controllers: [OpenController, ScopedController, AcceptingController, RefusingController],
      providers: GUARDS.guard,
    });
    bed.app.get(DenyList).markLoaded();
    await waitFor(async () => (await statusOf('/accepting', await token())) === 200);
  }

  it('make handlers public, and a handler overrides its controller', async () => {
    await startStale();
    expect(await statusOf('/open')).toBe(200);
    expect(await statusOf('/open/closed')).toBe(401);
    expect(await statusOf('/open/closed', await token())).toBe(200);
    expect(await statusOf('/scoped/open')).toBe(200);
  });

  it('enforce the scopes of a handler in a public controller', async () => {
    await startStale();
    expect(await statusOf('/open/scoped')).toBe(401);
    expect(await statusOf('/open/scoped', await token())).toBe(403);
    expect(await statusOf('/open/scoped', await token('read'))).toBe(200);
  });

  it('require scopes, and those of a handler replace those of its controller', async () => {
    await startStale();
    expect(await statusOf('/scoped', await token('read'))).toBe(403);
    expect(await statusOf('/scoped', await token('admin'))).toBe(200);
    expect(await statusOf('/scoped/replaced', await token('read'))).toBe(200);
    expect(await statusOf('/scoped/replaced', await token('admin'))).toBe(403);
  });

  it('set what to do when stale, for each controller that inherits the handler', async () => {
    await startStale();
    expect(await statusOf('/accepting', await token())).toBe(200);
    expect(await statusOf('/accepting/strict', await token())).toBe(503);
    expect(await statusOf('/refusing', await token())).toBe(503);
    expect(await statusOf('/accepting', await token())).toBe(200);
  });
});

describe('a decorator that cannot work', () => {
  @Controller('contradiction')
  class ContradictoryController {
    @Get()
    @Public()
    @RequireScopes('read')
    both() {
      return {};
    }
  }
  @Controller('asking')
  class AskingController {
    @Get()
    @WhenStale('ask')
    ask() {
      return {};
    }
  }
  @Controller('accepting')
  class AcceptingController {
    @Get()
    @WhenStale('accept')
    accept() {
      return {};
    }
  }
  @Controller('all-asking')
  @WhenStale('ask')
  class AllAskingController {
    @Get()
    @UseGuards(AccessTokenGuard)
    inherited() {
      return {};
    }
  }

  const withFeed = (more: object = {}) =>
    ({
      ...trustIn(bed.issuer),
      whenStale: 'accept',
      feed: UNREACHABLE_FEED,
      ...more,
    }) as VerifierModuleOptions;
  const introspection = { introspect: () => Promise.resolve(true) };
  const startWith = (controller: Type, options: VerifierModuleOptions) =>
    start({ imports: [VerifierModule.forRoot(options)], controllers: [controller] });

  it('fails the start if it contradicts another one', async () => {
    await expect(startWith(ContradictoryController, optionsOf(bed.issuer))).rejects.toThrow(
      'ContradictoryController.both has both @Public() and @RequireScopes(): remove one of them',
    );
  });

  it.each<[string, Type]>([
    ['AskingController.ask', AskingController],
    ['AllAskingController.inherited', AllAskingController],
  ])('fails the start if it needs introspection: %s', async (route, controller) => {
    await expect(startWith(controller, withFeed())).rejects.toThrow(
      new TypeError(
        `${route} is decorated with @WhenStale('ask'), which requires the option introspection`,
      ),
    );
  });

  it('fails the start if one of several issuers has no introspection', async () => {
    const trusted = [trustIn(bed.issuer), { ...trustIn(bed.other), introspection }];
    const { whenStale, feed } = withFeed();
    const options = { issuers: trusted, whenStale, feed } as VerifierModuleOptions;
    await expect(startWith(AskingController, options)).rejects.toThrow(
      /requires the option introspection/,
    );
  });

  it('does not fail the start with introspection', async () => {
    await startWith(AskingController, withFeed({ introspection }));
  });

  it.each<[string, Type]>([
    ["AskingController.ask is decorated with @WhenStale('ask')", AskingController],
    ["AcceptingController.accept is decorated with @WhenStale('accept')", AcceptingController],
  ])('fails the start if revocations are ignored: %s', async (decorated, controller) => {
    await expect(startWith(controller, optionsOf(bed.issuer))).rejects.toThrow(
      new TypeError(`${decorated}, which requires the option feed`),
    );
  });

  it('concerns the verifier that the controller uses', async () => {
    @Module({
      imports: [VerifierModule.forRoot({ ...withFeed({ introspection }), isGlobal: false })],
      controllers: [AllAskingController],
    })
    class AskingModule {}
    await start({
      imports: [VerifierModule.forRoot(withFeed()), AskingModule],
    });
  });
});
