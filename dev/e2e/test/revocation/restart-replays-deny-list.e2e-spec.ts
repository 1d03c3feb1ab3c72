import { call, type LatchkeyStack, type ServiceProcess, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { REFUSED_EVERYWHERE, statusesEverywhere } from '../../src/everywhere.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

/** An empty deny-list is never mistaken for "nobody logged out". */
describe('a verifier that starts again', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let revoked: string;
  let alive: string;
  beforeAll(async () => {
    running = await startStack();
    stack = running.stack;
    const ada = await TestUser.register(stack.issuer, 'ada');
    revoked = (await ada.logIn()).access_token;
    alive = (await ada.logIn()).access_token;
    await ada.logOut(revoked);
    await waitFor(async () => {
      const statuses = await statusesEverywhere(stack, revoked);
      return statuses.join() === REFUSED_EVERYWHERE.join();
    });
  });
  afterAll(() => running.close());

  /** Every status that the service ever answers to the token until `end` resolves. */
  async function statusesUntil(end: Promise<unknown>, service: ServiceProcess, token: string) {
    const statuses = new Set<number>();
    let ended = false;
    const watch = async () => {
      while (!ended) {
        await call(`${service.url}/orders`, { token }).then(
          ({ status }) => statuses.add(status),
          () => undefined, // not listening yet
        );
      }
    };
    const watching = watch();
    await end.finally(() => (ended = true));
    await watching;
    return statuses;
  }

  it('refuses a token that was revoked before, from its first answer on', async () => {
    const orders = stack.replicas['orders-1'];
    await orders.kill();
    const statuses = await statusesUntil(orders.start(), orders, revoked);
    expect([...statuses].filter((status) => status !== 503 && status !== 401)).toEqual([]);
    expect((await call(`${orders.url}/orders`, { token: revoked })).status).toBe(401);
    expect((await call(`${orders.url}/orders`, { token: alive })).status).toBe(200);
  });

  it('answers 503 and is not ready until it could replay what was revoked', async () => {
    const orders = stack.replicas['orders-2'];
    await stack.nats.kill();
    await orders.kill();
    const started = orders.start();
    const status = await waitFor(
      async () => (await call(`${orders.url}/orders`, { token: alive })).status,
      { timeoutMs: 20_000 },
    );
    expect(status).toBe(503);
    expect((await call(`${orders.url}/health/ready`)).status).toBe(503);
    await stack.nats.restart();
    await started;
    expect((await call(`${orders.url}/orders`, { token: revoked })).status).toBe(401);
    expect((await call(`${orders.url}/orders`, { token: alive })).status).toBe(200);
  });
});
