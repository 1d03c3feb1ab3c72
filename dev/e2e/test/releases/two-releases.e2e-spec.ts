import { CookieSessionReply, TokenReply } from '@latchkey/contracts/auth-api';
import {
  type Answer,
  type AnyReplicaName,
  call,
  cookiesOf,
  type LatchkeyStack,
  PROTECTED_ROUTES,
  sessionTokens,
  VERIFYING_REPLICAS,
  waitFor,
} from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { createHash, randomUUID } from 'node:crypto';
import {
  ACCEPTED_EVERYWHERE,
  REFUSED_EVERYWHERE,
  refusedEverywhere,
  statusesEverywhere,
} from '../../src/everywhere.js';
import {
  buildPreviousRelease,
  hasPreviousRelease,
  type PreviousRelease,
} from './previous-release-fixture.js';
import { PREVIOUS_RELEASE } from './previous-release.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';
import { wantedOrder } from '../../src/wanted-order.js';

/** The replicas that run the previous release. The others run this checkout. */
const PREVIOUS_APPS: Partial<Record<AnyReplicaName, string>> = {
  auth: 'auth',
  'orders-1': 'orders',
  inventory: 'inventory',
};
const DIRECTIONS = [
  ['previous', 'auth', 'next', 'auth-2'],
  ['next', 'auth-2', 'previous', 'auth'],
] as const;
/** The audiences, in the notation that both releases read. */
const CLIENT_SECRET = 'the secret of every service';
const CLIENTS = ['orders', 'inventory', 'payments'].map((clientId) => ({
  clientId,
  secretSha256: createHash('sha256').update(CLIENT_SECRET).digest('hex'),
  ...(clientId === 'orders' && { exchange: ['inventory', 'payments'] }),
}));
const REFRESH_COOKIE = /^__Host-latchkey-refresh=[^;]+/;

if (hasPreviousRelease()) describe('two releases side by side', sideBySide);
else
  describe.skip('two releases side by side', () => {
    it(`needs commit ${PREVIOUS_RELEASE}, which this clone lacks; clone the whole history`, () => {
      // A test does not fetch anything.
    });
  });

function sideBySide() {
  let previous: PreviousRelease;
  let running: RunningStack;
  let stack: LatchkeyStack;

  // The previous release's auth starts first. The next one's migrates the database while it serves.
  beforeAll(async () => {
    previous = buildPreviousRelease();
    running = await startStack({
      authReplicas: 2,
      sessionStore: 'redis',
      env: {
        all: { ACCESS_TOKEN_COOKIE: 'true', CLIENT_SECRET },
        auth: {
          OAUTH_CLIENTS: JSON.stringify(CLIENTS),
          // The previous release reads names only.
          AUDIENCES: 'orders,inventory,payments',
        },
      },
      // In a rolling update, the configuration of NATS is replaced last.
      natsConfiguration: previous.natsConfiguration,
      entryOf: (name) => {
        const app = PREVIOUS_APPS[name];
        return app === undefined ? undefined : previous.entryOf(app);
      },
    });
    ({ stack } = running);
  });
  afterAll(async () => {
    await running?.close();
    await previous?.close();
  });

  const urlOf = (name: AnyReplicaName) => stack.replicas[name]!.url;
  const ada = async (at: AnyReplicaName) => TestUser.register(urlOf(at), `ada-${randomUUID()}`);
  const seenAt = (at: AnyReplicaName, user: TestUser) => user.at(urlOf(at));
  const tokensOf = (answer: Answer) => {
    expect(answer.status).toBe(200);
    return sessionTokens(answer);
  };
  const refused = (token: string) => refusedEverywhere(stack, token, 10_000);
  const statusesWith = (cookie: string) =>
    Promise.all(
      VERIFYING_REPLICAS.map(async (name) => {
        const url = urlOf(name) + PROTECTED_ROUTES[name];
        return (await call(url, { headers: { cookie } })).status;
      }),
    );
  const INVALID_GRANT = { status: 400, body: { error: 'invalid_grant' } };

  describe.each(DIRECTIONS)(
    'with log-in at the %s release (%s) and other requests at the %s (%s)',
    (_, one, __, other) => {
      it('a log-out takes effect at the verifiers of both', async () => {
        const user = await ada(one);
        const { access_token: token, refresh_token: refresh } = await user.logIn();
        expect(await statusesEverywhere(stack, token)).toEqual(ACCEPTED_EVERYWHERE);
        expect((await seenAt(other, user).logOut(token)).status).toBeLessThan(300);
        await refused(token);
        expect(await user.refresh(refresh)).toMatchObject(INVALID_GRANT);
      });

      it('a log-out with a refresh token takes effect, even with a used one', async () => {
        const user = await ada(one);
        const first = await user.logIn();
        const second = tokensOf(await user.refresh(first.refresh_token));
        const json = { refreshToken: first.refresh_token };
        expect((await call(`${urlOf(other)}/logout`, { json })).status).toBeLessThan(300);
        await refused(second.access_token);
      });

      it('a log-out everywhere ends the sessions of both', async () => {
        const user = await ada(one);
        const tokens = [await user.logIn(), await seenAt(other, user).logIn()];
        const [{ access_token: token }] = tokens as [TokenReply];
        const answer = await call(`${urlOf(other)}/logout/everywhere`, { method: 'POST', token });
        expect(answer.status).toBeLessThan(300);
        for (const { access_token: each } of tokens) await refused(each);
      });

      it('refresh tokens work at both in turn', async () => {
        const [user, elsewhere] = await twice();
        let { refresh_token: token } = await user.logIn();
        for (let round = 0; round < 4; round += 1) {
          token = tokensOf(await elsewhere.refresh(token)).refresh_token;
          token = tokensOf(await elsewhere.refresh(token)).refresh_token;
          token = tokensOf(await user.refresh(token)).refresh_token;
        }
      });

      it('concurrent refreshes at both return the same successor', async () => {
        const [user, elsewhere] = await twice();
        let { refresh_token: token } = await user.logIn();
        for (let round = 0; round < 3; round += 1) {
          const answers = await Promise.all(
            [user, elsewhere, user, elsewhere].map((at) => at.refresh(token)),
          );
          const successors = new Set(answers.map((answer) => tokensOf(answer).refresh_token));
          expect(successors.size).toBe(1);
          [token] = [...successors] as [string];
        }
      });

      it('a refresh token that is reused at either ends the session', async () => {
        for (const replayedAt of [one, other]) {
          const [user, elsewhere] = await twice();
          const first = await user.logIn();
          const second = tokensOf(await elsewhere.refresh(first.refresh_token));
          const third = tokensOf(await user.refresh(second.refresh_token));
          const replay = await seenAt(replayedAt, user).refresh(first.refresh_token);
          expect(replay).toMatchObject(INVALID_GRANT);
          await refused(third.access_token);
          for (const at of [user, elsewhere])
            expect(await at.refresh(third.refresh_token)).toMatchObject(INVALID_GRANT);
        }
      });

      it('a refresh token in a cookie is not returned in the body', async () => {
        const [{ username, password }] = await twice();
        const json = { username, password, refreshTokenDelivery: 'cookie' };
        const login = await call(`${urlOf(one)}/login`, { json });
        const cookie = REFRESH_COOKIE.exec(login.headers.getSetCookie().join())![0];
        const answer = await call(`${urlOf(other)}/oauth/token`, {
          form: { grant_type: 'refresh_token' },
          headers: { cookie, origin: stack.issuer },
        });
        expect(answer.status).toBe(200);
        expect(answer.body).not.toHaveProperty('refresh_token');
        expect(answer.headers.getSetCookie().join()).toMatch(REFRESH_COOKIE);
      });

      it('an access token in a cookie is accepted, refreshed and revoked everywhere', async () => {
        const [{ username, password }] = await twice();
        const delivery = { refreshTokenDelivery: 'cookie', accessTokenDelivery: 'cookie' };
        const login = await call(`${urlOf(one)}/login`, {
          json: { username, password, ...delivery },
        });
        expect(login.status).toBe(200);
        const ofPage = { cookie: cookiesOf(login), origin: stack.issuer };
        expect(await statusesWith(ofPage.cookie)).toEqual(ACCEPTED_EVERYWHERE);
        const refreshed = await call(`${urlOf(other)}/oauth/token`, {
          form: { grant_type: 'refresh_token' },
          headers: ofPage,
        });
        expect(refreshed.body).not.toHaveProperty('access_token');
        ofPage.cookie = cookiesOf(refreshed);
        expect(await statusesWith(ofPage.cookie)).toEqual(ACCEPTED_EVERYWHERE);
        const end = await call(`${urlOf(one)}/logout`, { method: 'POST', headers: ofPage });
        expect(end.status).toBeLessThan(300);
        await waitFor(
          async () => (await statusesWith(ofPage.cookie)).join() === REFUSED_EVERYWHERE.join(),
        );
      });

      it('a session cookie is accepted and revoked everywhere', async () => {
        const [{ username, password }] = await twice();
        const login = await call(`${urlOf(one)}/session/login`, { json: { username, password } });
        const { subject } = CookieSessionReply.parse(login.body);
        const cookie = login.headers.getSetCookie()[0]!.split(';')[0]!;
        const ofPage = { cookie, origin: stack.issuer };
        const seen = await call(`${urlOf(other)}/session`, { headers: ofPage });
        expect(CookieSessionReply.parse(seen.body).subject).toBe(subject);
        const token = await call(`${urlOf(other)}/session/token`, {
          method: 'POST',
          headers: ofPage,
        });
        const { access_token: bearer } = TokenReply.parse(token.body);
        expect(await statusesWith(cookie)).toEqual(ACCEPTED_EVERYWHERE);
        const end = await call(`${urlOf(other)}/session`, { method: 'DELETE', headers: ofPage });
        expect(end.status).toBeLessThan(300);
        expect(await statusesWith(cookie)).toEqual(REFUSED_EVERYWHERE);
        await refused(bearer);
      });

      async function twice(): Promise<[TestUser, TestUser]> {
        const user = await ada(one);
        return [user, seenAt(other, user)];
      }
    },
  );

  it('an order that the next payments refuses to the previous orders is finished by the next one', async () => {
    const { access_token: token } = await (await ada('auth')).logIn();
    const listed = await call(`${urlOf('inventory')}/products`, { token });
    const json = wantedOrder(listed.body);
    const headers = { 'idempotency-key': randomUUID() };
    const place = (at: AnyReplicaName) => call(`${urlOf(at)}/orders`, { token, json, headers });
    // It sends the user's own token. This is why orders is replaced before the services that it calls.
    expect((await place('orders-1')).status).toBe(403);
    expect(await place('orders-2')).toMatchObject({ status: 201, body: { state: 'paid' } });
  });

  it('a refresh token of the previous release, used at the next one, cannot be reused at either', async () => {
    for (const replayedAt of ['auth', 'auth-2'] as const) {
      const user = await ada('auth');
      const first = await user.logIn();
      let newest: TokenReply = first;
      for (let round = 0; round < 4; round += 1)
        newest = tokensOf(await seenAt('auth-2', user).refresh(newest.refresh_token!));
      const replay = await seenAt(replayedAt, user).refresh(first.refresh_token);
      expect(replay).toMatchObject(INVALID_GRANT);
      await refused(newest.access_token);
    }
  });

  it('roles that the next release gives and takes away count at the previous one, too', async () => {
    const user = await ada('auth');
    const admin = new TestUser(urlOf('auth-2'), stack.admin.name, stack.admin.secret);
    const scopeAt = async (at: AnyReplicaName) => (await seenAt(at, user).logIn()).scope;
    const setRoles = async (roles: string[]) => {
      const { access_token: token } = await admin.logIn();
      const url = `${urlOf('auth-2')}/admin/users/${user.username}/roles`;
      return (await call(url, { method: 'PUT', token, json: { roles } })).status;
    };
    expect(await setRoles(['admin'])).toBe(204);
    for (const at of ['auth', 'auth-2'] as const)
      expect(await scopeAt(at)).toMatch(/orders:admin.* auth:admin/);
    const { access_token: token } = await seenAt('auth', user).logIn();
    expect(await setRoles([])).toBe(204);
    await refused(token);
    for (const at of ['auth', 'auth-2'] as const) expect(await scopeAt(at)).not.toContain('admin');
  });

  it('the next release ends the session of a refresh token that the previous one has forgotten', async () => {
    const user = await ada('auth-2');
    const first = await user.logIn();
    const second = tokensOf(await user.refresh(first.refresh_token));
    const third = tokensOf(await user.refresh(second.refresh_token));
    const replay = await seenAt('auth', user).refresh(first.refresh_token);
    expect(replay).toMatchObject(INVALID_GRANT);
    expect(await user.refresh(first.refresh_token)).toMatchObject(INVALID_GRANT);
    await refused(third.access_token);
  });
}
