import { makeIssuer, TEST_TRUST_DOMAIN, TestAuthority, waitFor } from '@latchkey/testing';
import type { TestIssuer, TokenOverrides } from '@latchkey/testing';
import { subjectTokenOf, type Principal, type Transaction } from '@latchkey/verifier';
import { Controller, Get, type INestApplication } from '@nestjs/common';
import {
  bearer,
  COMBINATIONS,
  getWith,
  GUARDS,
  optionsFor,
  outcome,
  startApp,
  type GuardName,
  type PlatformName,
} from './guarded-app-fixture.js';
import {
  Credentials,
  CurrentPrincipal,
  CurrentTransaction,
  DEVELOPMENT_ACCESS_TOKEN_COOKIE,
  RequireActor,
  RequireClient,
  RequireScopes,
  VerifierLifecycle,
  VerifierModule,
  type CallerCredentials,
} from '../src/index.js';

@Controller()
class PaymentsController {
  @Get('who')
  who(
    @CurrentPrincipal() principal: Principal,
    @CurrentTransaction() transaction: Transaction | undefined,
    @Credentials() credentials: CallerCredentials,
  ) {
    const { subject, scopes, sessionId, actor } = principal;
    const passedOn = subjectTokenOf(principal);
    return {
      subject,
      scopes: [...scopes],
      sessionId,
      actor,
      transaction,
      credentials,
      passedOn: passedOn && { token: passedOn.token, type: passedOn.type },
      isFrozen: Object.isFrozen(principal) && Object.isFrozen(principal.actor),
    };
  }
  @Get('scoped')
  @RequireScopes('orders:write')
  scoped() {
    return {};
  }
  @Get('actor')
  @RequireActor('gateway')
  actor() {
    return {};
  }
  @Get('client')
  @RequireClient()
  client() {
    return {};
  }
}

const CLIENTS_OWN: TokenOverrides = {
  subject: 'gateway',
  scope: 'rare',
  claims: { client_id: 'gateway', sid: undefined, auth_time: undefined },
};
const transactionTokens = { trustDomain: TEST_TRUST_DOMAIN };

let authority: TestAuthority;
let other: TestIssuer;
beforeAll(async () => {
  authority = await TestAuthority.start('orders');
  other = await makeIssuer({ issuer: 'https://other.test', audience: 'orders' });
});
afterAll(() => authority.close());

const own = () => authority.issuer.makeToken(CLIENTS_OWN);
const user = () => authority.issuer.makeToken({ subject: 'ada' });
const txn = (overrides?: TokenOverrides) => authority.issuer.makeTransactionToken(overrides);

type Sent = readonly (readonly [name: string, value: string])[];
const pair = async (authorization: Promise<string>, token: Promise<string>): Promise<Sent> => [
  ['authorization', bearer(await authorization)],
  ['txn-token', await token],
];

const INVALID = { status: 401, code: 'invalid_token' };
const INVALID_TRANSACTION = { status: 401, code: 'invalid_transaction_token' };
const MISSING = { status: 401, code: 'missing_token' };
const MALFORMED = { status: 400, code: 'malformed_transaction_token' };
const NOT_ACCEPTED = 'transaction_token_not_accepted';
const NOT_A_SERVICE = { status: 403, code: 'caller_not_allowed' };

/** Requests that are rejected: the title, the headers, and the answer. */
const REFUSED: readonly [string, () => Promise<Sent>, { status: number; code: string }][] = [
  ['a transaction token alone', async () => [['txn-token', await txn()]], MISSING],
  [
    'a transaction token in Authorization',
    async () => [['authorization', bearer(await txn())]],
    INVALID,
  ],
  ['a transaction token in both headers', () => pair(txn(), txn()), INVALID],
  [
    'a transaction token in a cookie',
    async () => [['cookie', `${DEVELOPMENT_ACCESS_TOKEN_COOKIE}=${await txn()}`]],
    INVALID,
  ],
  [
    'an access token of the caller in a cookie',
    async () => [
      ['cookie', `${DEVELOPMENT_ACCESS_TOKEN_COOKIE}=${await own()}`],
      ['txn-token', await txn()],
    ],
    MISSING,
  ],
  ["a user's access token as transaction token", () => pair(own(), user()), INVALID_TRANSACTION],
  ["the caller's access token as transaction token", () => pair(own(), own()), INVALID_TRANSACTION],
  ["a user's access token alongside it", () => pair(user(), txn()), NOT_A_SERVICE],
  [
    'an exchanged token alongside it',
    () => pair(authority.issuer.makeToken({ claims: { act: { sub: 'gateway' } } }), txn()),
    NOT_A_SERVICE,
  ],
  [
    "a service's token for another service alongside it",
    () => pair(authority.issuer.makeToken({ ...CLIENTS_OWN, audience: 'payments' }), txn()),
    INVALID,
  ],
  [
    'an expired access token alongside it',
    () => pair(authority.issuer.makeToken({ ...CLIENTS_OWN, issuedAt: 1_000_000_000 }), txn()),
    INVALID,
  ],
  [
    "a service's token of another issuer alongside it",
    () => pair(other.makeToken(CLIENTS_OWN), txn()),
    NOT_A_SERVICE,
  ],
  [
    'a transaction token of another issuer',
    () => pair(own(), other.makeTransactionToken()),
    INVALID_TRANSACTION,
  ],
  [
    'a transaction token for another trust domain',
    () => pair(own(), txn({ audience: 'bank.test' })),
    INVALID_TRANSACTION,
  ],
  [
    'a transaction token for this service',
    () => pair(own(), txn({ audience: 'orders' })),
    INVALID_TRANSACTION,
  ],
  [
    'an expired transaction token',
    () => pair(own(), txn({ issuedAt: 1_000_000_000 })),
    INVALID_TRANSACTION,
  ],
  ['an unsigned text', () => pair(own(), Promise.resolve('abc')), INVALID_TRANSACTION],
  ['nothing', () => pair(own(), Promise.resolve('')), MALFORMED],
  ['a scheme before it', async () => pair(own(), Promise.resolve(bearer(await txn()))), MALFORMED],
  ['quotes around it', async () => pair(own(), Promise.resolve(`" ${await txn()}"`)), MALFORMED],
  [
    'two in one header',
    async () => pair(own(), Promise.resolve(`${await txn()},${await txn()}`)),
    MALFORMED,
  ],
  [
    'two headers',
    async () => [...(await pair(own(), txn())), ['TXN-TOKEN', await txn()]],
    MALFORMED,
  ],
  [
    'the same twice',
    async () => {
      const token = Promise.resolve(await txn());
      return [...(await pair(own(), token)), ['Txn-Token', await token]];
    },
    MALFORMED,
  ],
];

describe.each(COMBINATIONS)('transaction tokens and the %s on %s', (guard, platform) => {
  let app: INestApplication;
  beforeAll(async () => {
    app = await start(guard, platform, { transactionTokens });
  });
  afterAll(() => app.close());

  it('make the caller an actor for the subject of the transaction', async () => {
    const token = await txn({ subject: 'ada', sessionId: 's1', claims: { txn: 'x1' } });
    const answer = await getWith(app, '/who', await pair(own(), Promise.resolve(token)));
    expect(answer.body).toEqual({
      subject: 'ada',
      sessionId: 's1',
      scopes: ['orders:write'],
      actor: { sub: 'gateway' },
      transaction: {
        id: 'x1',
        requestingWorkloads: ['gateway'],
        requestContext: { req_ip: '192.0.2.7' },
        details: { action: 'order' },
      },
      credentials: { 'txn-token': token },
      passedOn: { token, type: 'transaction_token' },
      isFrozen: true,
    });
  });

  it('give the scopes, and the caller is not a client that acts for itself', async () => {
    const statusOf = async (path: string, token: Promise<string>) =>
      (await getWith(app, path, await pair(own(), token))).status;
    expect(await statusOf('/scoped', txn())).toBe(200);
    expect(await statusOf('/scoped', txn({ scope: 'rare' }))).toBe(403);
    expect(await statusOf('/actor', txn())).toBe(200);
    expect(await statusOf('/client', txn())).toBe(403);
    expect(await statusOf('/client', txn({ subject: 'gateway', claims: { sid: undefined } }))).toBe(
      403,
    );
  });

  it('make the caller an actor only if it has asked for the token itself', async () => {
    const statusOf = async (workloads: string) => {
      const token = txn({ claims: { req_wl: workloads } });
      return (await getWith(app, '/actor', await pair(own(), token))).status;
    };
    expect(await statusOf('gateway')).toBe(200);
    expect(await statusOf('edge,gateway')).toBe(200);
    expect(await statusOf('gateway,edge')).toBe(200);
    expect(await statusOf('edge')).toBe(403);
    expect(await statusOf('edge,Gateway')).toBe(403);
    expect(await statusOf('gateways')).toBe(403);
  });

  it('are optional: without one, the caller is itself', async () => {
    const asItself: Sent = [['authorization', bearer(await own())]];
    expect((await getWith(app, '/client', asItself)).status).toBe(200);
    expect((await getWith(app, '/actor', asItself)).status).toBe(403);
    const { body } = await getWith(app, '/who', asItself);
    expect(body).toMatchObject({ subject: 'gateway', scopes: ['rare'] });
    expect(body).not.toHaveProperty('transaction');
  });

  it.each([...REFUSED])('are refused: %s', async (_, sent, expected) => {
    const answer = await getWith(app, '/who', await sent());
    expect(outcome(answer)).toMatchObject(expected);
    expect(JSON.stringify(answer)).not.toContain('eyJ');
  });

  it('end with their session', async () => {
    const sessionId = `s-${guard}-${platform}`;
    const token = Promise.resolve(await txn({ sessionId }));
    expect((await getWith(app, '/who', await pair(own(), token))).status).toBe(200);
    const serial = await authority.revokeSession(sessionId);
    const position = ['revocation-min-position', String(serial)] as const;
    const answer = await getWith(app, '/who', [...(await pair(own(), token)), position]);
    expect(outcome(answer)).toEqual({
      ...INVALID_TRANSACTION,
      challenge:
        'Bearer error="invalid_token", error_description="The transaction token is not valid"',
    });
    expect((await getWith(app, '/who', await pair(own(), txn()))).status).toBe(200);
  });
});

describe('a module without transactionTokens', () => {
  it.each(COMBINATIONS)('refuses the header, with the %s on %s', async (guard, platform) => {
    const app = await start(guard, platform, {});
    for (const caller of [own, user])
      for (const token of [txn(), user(), Promise.resolve('')]) {
        const answer = await getWith(app, '/who', await pair(caller(), token));
        expect(outcome(answer)).toMatchObject({ status: 403, code: NOT_ACCEPTED });
        expect(JSON.stringify(answer)).not.toContain('eyJ');
      }
    expect(outcome(await getWith(app, '/who', [['txn-token', await txn()]]))).toMatchObject(
      MISSING,
    );
    const bearerOnly: Sent = [['authorization', bearer(await txn())]];
    expect(outcome(await getWith(app, '/who', bearerOnly))).toMatchObject(INVALID);
    await app.close();
  });
});

async function start(
  guard: GuardName,
  platform: PlatformName,
  more: { transactionTokens?: { trustDomain: string } },
): Promise<INestApplication> {
  const { issuer, audience, whenStale, feed } = optionsFor(authority);
  const trusted = { issuer: other.issuer, audience, keys: () => Promise.resolve(other.jwks()) };
  const app = await startApp(platform, {
    imports: [
      VerifierModule.forRoot({
        whenStale,
        feed,
        issuers: [{ issuer, audience, ...more }, trusted],
        cookieOrigins: ['http://localhost:3000'],
        onWarning: () => undefined,
      }),
    ],
    controllers: [PaymentsController],
    providers: GUARDS[guard],
  });
  await waitFor(() => app.get(VerifierLifecycle).readiness().ready);
  return app;
}
