import { call, type LatchkeyStack, PROTECTED_ROUTES, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const MAX_STALENESS_SECONDS = '2';

/** What each service does when it has not received a watermark for two seconds. */
describe('a verifier that is cut off from its feed', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let ada: TestUser;

  beforeAll(async () => {
    running = await startStack({
      env: {
        all: { MAX_STALENESS_SECONDS },
        orders: { WHEN_STALE: 'ask' },
        inventory: { WHEN_STALE: 'accept' },
        payments: { WHEN_STALE: 'refuse' },
      },
    });
    stack = running.stack;
    ada = await TestUser.register(stack.issuer, 'ada');
  });
  afterAll(() => running.close());

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

  it('answers 503 if it has to ask while auth is down, and recovers when auth is back', async () => {
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
