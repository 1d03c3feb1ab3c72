import { call, type LatchkeyStack } from '@latchkey/local-stack';
import { type TestUser } from '@latchkey/testing';
import { ACCEPTED_EVERYWHERE, statusesEverywhere } from '../../src/everywhere.js';
import {
  Cast,
  decodeUnverifiedClaims,
  refusedEverywhere,
  sha256,
  TRIGGERS_ENVIRONMENT,
} from './revocation-triggers-fixture.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const ROUNDS = 8;
const NEXT_SECRET = 'the secret that came after';

/** The second replica of auth is configured with the client's next secret, as while it is replaced. */
const WITH_NEXT_SECRET = JSON.stringify([
  {
    clientId: 'doomed',
    secretSha256: sha256(NEXT_SECRET),
    scopes: ['orders:read', 'inventory:read', 'payments:read'],
  },
]);

let running: RunningStack;
let stack: LatchkeyStack;
let cast: Cast;
beforeAll(async () => {
  running = await startStack({
    authReplicas: 2,
    env: { auth: TRIGGERS_ENVIRONMENT, 'auth-2': { OAUTH_CLIENTS: WITH_NEXT_SECRET } },
  });
  stack = running.stack;
  cast = new Cast(stack);
});
afterAll(() => running.close());

const expectAccepted = async (token: string) =>
  expect(await statusesEverywhere(stack, token)).toEqual(ACCEPTED_EVERYWHERE);

/** ADR 0006 and 0019 through the real stack: a token's `iat` has whole seconds only. */
describe('a token that is issued in the second of a revocation, but after it', () => {
  interface Round {
    readonly obtain: () => Promise<string>;
    readonly revoke: (token: string) => Promise<unknown>;
    readonly obtainAgain?: () => Promise<string>;
  }

  /** @returns whether the clock was made to wait: the new token is dated ahead of it */
  async function play({ obtain, revoke, obtainAgain = obtain }: Round): Promise<boolean> {
    const before = await obtain();
    await expectAccepted(before);
    await revoke(before);
    const after = await obtainAgain();
    const datedAhead = decodeUnverifiedClaims(after).iat > Date.now() / 1000;
    await expectAccepted(after);
    await refusedEverywhere(stack, before);
    await expectAccepted(after);
    return datedAhead;
  }

  async function playRounds(count: number, round: Round): Promise<void> {
    let datedAhead = 0;
    for (let played = 0; played < count; played += 1) datedAhead += Number(await play(round));
    // Else the rounds have shown nothing about one second.
    expect(datedAhead).toBeGreaterThan(0);
  }

  const logIn = async (user: TestUser) => (await user.logIn()).access_token;

  it('works after a log-out everywhere, and the one from before does not', async () => {
    const user = await cast.user();
    await playRounds(ROUNDS, {
      obtain: () => logIn(user),
      revoke: (token) => cast.send('POST', '/logout/everywhere', token),
    });
  });

  it('works after its user was disabled and enabled, and the one from before does not', async () => {
    const user = await cast.user();
    await playRounds(ROUNDS, {
      obtain: () => logIn(user),
      revoke: async () => {
        await cast.asAdmin('POST', `/users/${user.username}/disable`);
        await cast.asAdmin('POST', `/users/${user.username}/enable`);
      },
    });
  });

  it('works after the client of the log-in was revoked, and the one from before does not', async () => {
    const user = await cast.user();
    await playRounds(4, {
      obtain: () => logIn(user),
      revoke: () => cast.asAdmin('POST', '/clients/latchkey-web/revoke'),
    });
  });

  it("works after its client was revoked and has a new secret; the old secret's does not", async () => {
    const second = stack.authReplicas[1]?.url;
    await play({
      obtain: () => cast.clientToken('doomed'),
      revoke: () => cast.asAdmin('POST', '/clients/doomed/revoke'),
      obtainAgain: () => cast.clientToken('doomed', NEXT_SECRET, second),
    });
    await expect(cast.clientToken('doomed')).rejects.toThrow();
  });
});

describe('revocations that overlap', () => {
  it('of a session and of its user at once end both of them, and no later one', async () => {
    const user = await cast.user();
    const other = await cast.bystander();
    const [phone, laptop] = [await user.logIn(), await user.logIn()];
    const { sid } = decodeUnverifiedClaims(phone.access_token);
    const answers = await Promise.all([
      cast.asAdmin('DELETE', `/sessions/${sid}`),
      cast.asAdmin('POST', `/users/${user.username}/disable`),
      cast.revokeToken(laptop.access_token),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 200]);
    await cast.asAdmin('POST', `/users/${user.username}/enable`);
    const again = await user.logIn();
    for (const { access_token: token } of [phone, laptop]) await refusedEverywhere(stack, token);
    for (const token of [again.access_token, other]) await expectAccepted(token);
  });

  it('of a session that began after its user was revoked leave the other later ones alone', async () => {
    const user = await cast.user();
    const before = await user.logIn();
    await cast.send('POST', '/logout/everywhere', before.access_token);
    const [phone, laptop] = [await user.logIn(), await user.logIn()];
    await user.logOut(phone.access_token);
    for (const { access_token: token } of [before, phone]) await refusedEverywhere(stack, token);
    await expectAccepted(laptop.access_token);
  });

  it('of a token and then of its session leave the user’s other session alone', async () => {
    const user = await cast.user();
    const [phone, laptop] = [await user.logIn(), await user.logIn()];
    await cast.revokeToken(phone.access_token);
    const { sid } = decodeUnverifiedClaims(phone.access_token);
    await cast.send('DELETE', `/sessions/${sid}`, laptop.access_token);
    await refusedEverywhere(stack, phone.access_token);
    await expectAccepted(laptop.access_token);
    const refresh = await call(`${stack.issuer}/oauth/token`, {
      form: { grant_type: 'refresh_token', refresh_token: phone.refresh_token },
    });
    expect(refresh.status).toBe(400);
  });
});
