import { call, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import {
  ACCEPTED_EVERYWHERE,
  refusedEverywhere,
  statusesEverywhere,
} from '../../src/everywhere.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

/** Promises 3 and 4 of the design. Payments runs with `refuse`, the others with `accept`. */
describe('while auth and NATS are down', () => {
  const MAX_STALENESS_SECONDS = 2;
  let running: RunningStack;
  beforeAll(async () => {
    running = await startStack({
      env: {
        payments: {
          WHEN_STALE: 'refuse',
          MAX_STALENESS_SECONDS: String(MAX_STALENESS_SECONDS),
        },
      },
    });
  });
  afterAll(() => running.close());

  it('accepting services continue, and refusing ones answer 503 until they are fresh again', async () => {
    const { stack } = running;
    const ada = await TestUser.register(stack.issuer, 'ada');
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
    expect(await statusesEverywhere(stack, alive.access_token)).toEqual([200, 200, 200, 503]);
    // Earlier revocations stay in force.
    expect((await statusesEverywhere(stack, ended.access_token)).slice(0, 3)).toEqual([
      401, 401, 401,
    ]);

    await stack.nats.restart();
    await stack.replicas.auth.start();
    await waitFor(async () => (await payments()).status === 200, { timeoutMs: 15_000 });
    expect(await statusesEverywhere(stack, alive.access_token)).toEqual(ACCEPTED_EVERYWHERE);
  });
});
