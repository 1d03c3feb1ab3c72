import { TestAuthority, waitFor } from '@latchkey/testing';
import type { Principal } from '@latchkey/verifier';
import { ApolloDriver } from '@nestjs/apollo';
import type { INestApplication, Provider } from '@nestjs/common';
import { GraphQLModule, Query, Resolver, Subscription } from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { bearer, GUARDS, optionsFor, portOf, startApp } from './guarded-app-fixture.js';
import {
  AccessToken,
  CurrentPrincipal,
  Public,
  RequireScopes,
  VerifierLifecycle,
  VerifierModule,
  WhenStale,
} from '../src/index.js';

const typeDefs = `
  type Query { me: String, tokenLength: Int, open: String, scoped: String, strict: String }
  type Subscription { ticks: Int, openTicks: Int }
`;

@Resolver()
class ProbeResolver {
  @Query('me')
  me(@CurrentPrincipal() { subject }: Principal) {
    return subject;
  }
  @Query('tokenLength')
  tokenLength(@AccessToken() token: string) {
    return token.length;
  }
  @Query('open')
  @Public()
  open() {
    return 'open';
  }
  @Query('scoped')
  @RequireScopes('orders:admin')
  scoped() {
    return 'scoped';
  }
  @Query('strict')
  @WhenStale('refuse')
  strict() {
    return 'strict';
  }
  @Subscription('ticks')
  ticks() {
    return ticking('ticks');
  }
  @Subscription('openTicks')
  @Public()
  openTicks() {
    return ticking('openTicks');
  }
}

async function* ticking(name: string) {
  yield await Promise.resolve({ [name]: 1 });
}

const DRIVERS = {
  'Apollo on Express': {
    platform: 'express',
    module: () =>
      GraphQLModule.forRoot({
        driver: ApolloDriver,
        typeDefs,
        path: '/graphql',
        subscriptions: { 'graphql-ws': true },
      }),
  },
  'Mercurius on Fastify': {
    platform: 'fastify',
    module: () => GraphQLModule.forRoot({ driver: MercuriusDriver, typeDefs, subscription: true }),
  },
} as const;

interface GraphqlAnswer {
  readonly status: number;
  readonly challenge: string | null;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly string[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

const combinations = (Object.keys(DRIVERS) as (keyof typeof DRIVERS)[]).flatMap((driver) =>
  (['guard', 'passport'] as const).map((guard) => [guard, driver] as const),
);

describe.each(combinations)('the %s before resolvers of %s', (guard, driver) => {
  let authority: TestAuthority;
  let app: INestApplication;
  beforeAll(async () => {
    authority = await TestAuthority.start('orders');
    const { platform, module } = DRIVERS[driver];
    const providers: Provider[] = [ProbeResolver, ...GUARDS[guard]];
    app = await startApp(platform, {
      imports: [VerifierModule.forRoot(optionsFor(authority)), module()],
      providers,
    });
    await waitFor(() => app.get(VerifierLifecycle).readiness().ready);
  });
  afterAll(async () => {
    await app.close();
    await authority.close();
  });

  const token = async (scope = 'orders:read') =>
    bearer(await authority.issuer.makeToken({ subject: 'ada', scope }));

  async function ask(query: string, authorization?: string): Promise<GraphqlAnswer> {
    const response = await fetch(`http://127.0.0.1:${portOf(app)}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body: JSON.stringify({ query }),
    });
    const { data, errors } = (await response.json()) as GraphqlAnswer;
    const challenge = response.headers.get('www-authenticate');
    return { status: response.status, challenge, data, ...(errors && { errors }) };
  }

  it('accepts a valid token, and injects its principal into the resolver', async () => {
    const authorization = await token();
    const tokenLength = authorization.length - 'Bearer '.length;
    expect(await ask('{ me tokenLength strict }', authorization)).toEqual({
      status: 200,
      challenge: null,
      data: { me: 'ada', tokenLength, strict: 'strict' },
    });
  });

  it.each([
    ['no token', undefined, 'Bearer', 'UNAUTHENTICATED', 'missing_token'],
    [
      'a bad token',
      'Bearer a.b.c',
      'Bearer error="invalid_token"',
      'UNAUTHENTICATED',
      'invalid_token',
    ],
  ])(
    'answers %s with an error of the field',
    async (_, authorization, challenge, code, problem) => {
      const { errors, ...rest } = await ask('{ me }', authorization);
      expect(rest).toEqual({ status: 200, challenge, data: { me: null } });
      expect(errors).toMatchObject([
        { path: ['me'], extensions: { code, originalError: { code: problem, status: 401 } } },
      ]);
    },
  );

  it('reveals no more about a rejected token than over REST', async () => {
    const expired = await authority.issuer.makeToken({ issuedAt: 1_000_000_000 });
    const answer = JSON.stringify(await ask('{ me }', bearer(expired)));
    expect(answer).not.toContain('expired');
    expect(answer).not.toContain(expired);
  });

  it('requires scopes without affecting other fields of the operation', async () => {
    const { errors, ...rest } = await ask('{ me open scoped }', await token());
    expect(rest).toMatchObject({ status: 200, data: { me: 'ada', open: 'open', scoped: null } });
    expect(rest.challenge).toBe('Bearer error="insufficient_scope", scope="orders:admin"');
    expect(errors).toMatchObject([
      { message: expect.stringContaining('orders:admin'), extensions: { code: 'FORBIDDEN' } },
    ]);
    expect((await ask('{ scoped }', await token('orders:admin'))).data).toEqual({
      scoped: 'scoped',
    });
  });

  it('ignores credentials on public resolvers', async () => {
    expect(await ask('{ open }', 'Bearer nonsense')).toMatchObject({ data: { open: 'open' } });
  });

  /** Returns everything that one subscription receives over graphql-transport-ws until it ends. */
  async function subscribe(query: string, authorization: string): Promise<string> {
    const socket = new WebSocket(`ws://127.0.0.1:${portOf(app)}/graphql`, 'graphql-transport-ws', {
      headers: { authorization },
    });
    let text = '';
    const ended = new Promise<void>((resolve) => {
      socket.on('close', () => resolve());
      socket.on('message', (message: Buffer) => {
        text += message.toString();
        const { type } = JSON.parse(message.toString()) as { type: string };
        if (type === 'connection_ack') {
          socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
        }
        if (type === 'error' || type === 'complete') resolve();
      });
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
    await ended;
    socket.close();
    return text;
  }

  it('refuses a subscription, because it would outlive its token, and says what to do', async () => {
    const text = await subscribe('subscription { ticks }', await token());
    expect(text).not.toContain('"data":{"ticks":1}');
    expect(text).toContain('a GraphQL subscription has none');
    expect((await ask('{ open }')).status).toBe(200);
  });

  it('allows a public subscription', async () => {
    expect(await subscribe('subscription { openTicks }', '')).toContain('"openTicks":1');
  });
});
