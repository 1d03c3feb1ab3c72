import { call, type LatchkeyStack, PROTECTED_ROUTES, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import {
  ACCEPTED_EVERYWHERE,
  REFUSED_EVERYWHERE,
  refusedEverywhere,
  statusesEverywhere,
} from '../../src/everywhere.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const MAX_STALENESS_SECONDS = '2';

let running: RunningStack;
let stack: LatchkeyStack;
let ada: TestUser;
beforeAll(async () => {
  running = await startStack({
    env: {
      all: { MAX_STALENESS_SECONDS },
      'orders-1': { WHEN_STALE: 'ask' },
      'orders-2': { WHEN_STALE: 'accept' },
      inventory: { WHEN_STALE: 'accept' },
      payments: { WHEN_STALE: 'refuse' },
    },
  });
  stack = running.stack;
});
afterAll(() => running?.close());
beforeEach(async () => {
  ada = await TestUser.register(stack.issuer);
});

/** What each service does when it has not received a watermark for two seconds. */
describe('a verifier that is cut off from its feed', () => {
  const get = (name: keyof typeof PROTECTED_ROUTES, token: string) =>
    call(stack.replicas[name].url + PROTECTED_ROUTES[name], { token });
  const statuses = async (token: string) => ({
    ask: (await get('orders-1', token)).status,
    accept: (await get('inventory', token)).status,
    refuse: (await get('payments', token)).status,
  });
  const untilStale = async () => {
    const { access_token: token } = await ada.logIn();
    await waitFor(async () => (await get('payments', token)).status === 503, {
      what: 'a stale verifier',
    });
  };

  it('accepts, refuses or asks, as configured, and recovers by itself', async () => {
    const [kept, ended] = [await ada.logIn(), await ada.logIn()];
    const good = { ask: 200, accept: 200, refuse: 200 };
    expect(await statuses(kept.access_token)).toEqual(good);
    expect(await statuses(ended.access_token)).toEqual(good);

    await stack.nats.stop();
    await untilStale();
    expect((await ada.logOut(ended.access_token)).status).toBe(202);
    expect(await statuses(kept.access_token)).toEqual({ ...good, refuse: 503 });
    expect(await statuses(ended.access_token)).toEqual({ ask: 401, accept: 200, refuse: 503 });

    const refused = await get('payments', kept.access_token);
    expect(refused.body).toMatchObject({ code: 'revocations_stale' });
    expect(refused.headers.get('retry-after')).toBe('1');

    await stack.nats.restart();
    await waitFor(async () => (await get('payments', kept.access_token)).status === 200, {
      timeoutMs: 20_000,
    });
    expect(await statuses(kept.access_token)).toEqual(good);
    await waitFor(async () => (await get('inventory', ended.access_token)).status === 401);
    expect(await statuses(ended.access_token)).toEqual({ ask: 401, accept: 401, refuse: 401 });
  });

  it('returns 503 if it has to ask while auth is down, and recovers when auth is back', async () => {
    const { access_token: token } = await ada.logIn();
    await stack.nats.stop();
    await untilStale();
    await stack.replicas.auth.stop();
    const answer = await get('orders-1', token);
    expect(answer).toMatchObject({ status: 503, body: { code: 'introspection_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect((await get('inventory', token)).status).toBe(200);

    await stack.replicas.auth.start();
    expect((await get('orders-1', token)).status).toBe(200);
    await stack.nats.restart();
    await waitFor(async () => (await get('payments', token)).status === 200, {
      timeoutMs: 20_000,
    });
  });
});

/** Promises 3 and 4 of the design. */
describe('while auth and NATS are down', () => {
  it('accepting services continue, and the others return 503 until they are fresh again', async () => {
    const [ended, alive] = [await ada.logIn(), await ada.logIn()];
    await ada.logOut(ended.access_token);
    await refusedEverywhere(stack, ended.access_token);
    expect(await statusesEverywhere(stack, alive.access_token)).toEqual(ACCEPTED_EVERYWHERE);

    await stack.replicas.auth.kill();
    await stack.nats.kill();
    const payments = () =>
      call(`${stack.replicas.payments.url}/payments`, { token: alive.access_token });
    const stale = await waitFor(async () => {
      const answer = await payments();
      return answer.status !== 200 && answer;
    });
    expect(stale.status).toBe(503);
    expect(Number(stale.headers.get('retry-after'))).toBeGreaterThan(0);
    await waitFor(
      async () =>
        (await statusesEverywhere(stack, alive.access_token)).join() === '503,200,200,503',
      { what: '503 by orders-1, which asks, and by payments' },
    );
    // Earlier revocations stay in force.
    expect((await statusesEverywhere(stack, ended.access_token)).slice(0, 3)).toEqual(
      REFUSED_EVERYWHERE.slice(0, 3),
    );

    await stack.nats.restart();
    await stack.replicas.auth.start();
    await waitFor(async () => (await payments()).status === 200);
    await waitFor(
      async () =>
        (await statusesEverywhere(stack, alive.access_token)).join() === ACCEPTED_EVERYWHERE.join(),
    );
  });
});
