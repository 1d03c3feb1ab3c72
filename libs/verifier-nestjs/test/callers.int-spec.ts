import { Controller, Get, type Type } from '@nestjs/common';
import { CALLER_CONTROLLERS, ROUTES, TOKENS, type TokenName } from './callers-fixture.js';
import { bearer, COMBINATIONS, get, GUARDS } from './guarded-app-fixture.js';
import { optionsOf, useTwoIssuers } from './two-issuers-fixture.js';
import { Public, RequireActor, RequireClient, VerifierModule } from '../src/index.js';

const bed = useTwoIssuers();
const tokenOf = async (name: TokenName) => bearer(await bed.issuer.makeToken(TOKENS[name]));

describe.each(COMBINATIONS)('the callers of a route, with the %s on %s,', (guard, platform) => {
  const start = () =>
    bed.start(
      {
        imports: [VerifierModule.forRoot(optionsOf(bed.issuer))],
        controllers: CALLER_CONTROLLERS,
        providers: GUARDS[guard],
      },
      platform,
    );

  it('are the named ones, of every kind of token', async () => {
    await start();
    for (const [route, { admits }] of Object.entries(ROUTES)) {
      const admitted: string[] = [];
      for (const name of Object.keys(TOKENS) as TokenName[])
        if ((await get(bed.app, route, await tokenOf(name))).status === 200) admitted.push(name);
      expect([route, admitted.sort()]).toEqual([route, [...admits].sort()]);
    }
  });

  it('are named in the answer to all others', async () => {
    await start();
    for (const [route, { detail }] of Object.entries(ROUTES)) {
      if (detail === '') continue;
      const { status, headers, body } = await get(bed.app, route, await tokenOf('a user'));
      expect({ status, body, challenge: headers['www-authenticate'] }).toEqual({
        status: 403,
        challenge: `Bearer error="insufficient_scope", error_description="${detail}"`,
        body: {
          type: 'urn:latchkey:problem:caller_not_allowed',
          title: 'The caller may not use this route',
          status: 403,
          code: 'caller_not_allowed',
          detail,
        },
      });
      expect((await get(bed.app, route)).status).toBe(401);
    }
  });

  it('need the scopes of the route as well', async () => {
    await start();
    const poor = await get(bed.app, '/callers/scoped', await tokenOf('the actor orders'));
    expect([poor.status, poor.body['code']]).toEqual([403, 'insufficient_scope']);
    const rich = (token: object) => bed.issuer.makeToken({ ...token, scope: 'rare' });
    const actor = bearer(await rich(TOKENS['the actor orders']));
    expect((await get(bed.app, '/callers/scoped', actor)).status).toBe(200);
    const other = await get(bed.app, '/callers/scoped', bearer(await rich(TOKENS['a user'])));
    expect([other.status, other.body['code']]).toEqual([403, 'caller_not_allowed']);
  });
});

describe('a decorator of callers', () => {
  @Controller()
  class PublicActor {
    @Get()
    @Public()
    @RequireActor('orders')
    both() {
      return {};
    }
  }
  @Controller()
  class PublicClient {
    @Get()
    @Public()
    @RequireClient()
    both() {
      return {};
    }
  }

  it.each<[string, Type]>([
    ['PublicActor.both has both @Public() and @RequireActor()', PublicActor],
    ['PublicClient.both has both @Public() and @RequireClient()', PublicClient],
  ])('contradicts @Public(): %s', async (message, controller) => {
    const imports = [VerifierModule.forRoot(optionsOf(bed.issuer))];
    await expect(bed.start({ imports, controllers: [controller] })).rejects.toThrow(
      new TypeError(`${message}: remove one of them`),
    );
  });

  it.each([undefined, '', ' ', 'a b', 'a"b', 'a\\b', 'a\nb', 'ä', 5, ['orders']])(
    'refuses what is not a name: %p',
    (name) => {
      expect(() => RequireActor(name as string)).toThrow(TypeError);
      expect(() => RequireClient('orders', name as string)).toThrow(TypeError);
    },
  );

  it('refuses to require no actor in particular', () => {
    expect(() => (RequireActor as () => unknown)()).toThrow('needs the name of an actor');
  });
});
