import { call, type LatchkeyStack, type ServiceProcess, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { refusedEverywhere } from '../../src/everywhere.js';
import { sharedStack } from '../../src/shared-stack.js';

/** After a cold start, an empty deny-list must not be mistaken for "no revocations". */
describe('a verifier that restarts', () => {
  let stack: LatchkeyStack;
  let revoked: string;
  let alive: string;
  beforeAll(async () => {
    stack = await sharedStack();
    const ada = await TestUser.register(stack.issuer);
    revoked = (await ada.logIn()).access_token;
    alive = (await ada.logIn()).access_token;
    await ada.logOut(revoked);
    await refusedEverywhere(stack, revoked);
  });

  /** Calls the service until `end` resolves. @returns every status that it returned */
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

  it('refuses a revoked token from its first answer on', async () => {
    const orders = stack.replicas['orders-1'];
    await orders.kill();
    const statuses = await statusesUntil(orders.start(), orders, revoked);
    expect([...statuses].filter((status) => status !== 503 && status !== 401)).toEqual([]);
    expect((await call(`${orders.url}/orders`, { token: revoked })).status).toBe(401);
    expect((await call(`${orders.url}/orders`, { token: alive })).status).toBe(200);
  });

  it('returns 503 and is not ready until it has loaded the revocations', async () => {
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
