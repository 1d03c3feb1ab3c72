import { waitFor, type LatchkeyStack } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import {
  ACCEPTED_EVERYWHERE,
  REFUSED_EVERYWHERE,
  statusesEverywhere,
} from '../../src/everywhere.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

/** Promise 2 of the design, with processes that die by kill -9 around the log-out. */
describe('a log-out that was answered', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let ada: TestUser;
  beforeAll(async () => {
    running = await startStack();
    stack = running.stack;
    ada = await TestUser.register(stack.issuer, 'ada');
  });
  afterAll(() => running.close());

  async function freshToken(): Promise<string> {
    const { access_token: token } = await ada.logIn();
    expect(await statusesEverywhere(stack, token)).toEqual(ACCEPTED_EVERYWHERE);
    return token;
  }

  function refusedEverywhere(token: string): Promise<true> {
    return waitFor(
      async () => {
        const statuses = await statusesEverywhere(stack, token);
        return statuses.join() === REFUSED_EVERYWHERE.join();
      },
      { timeoutMs: 20_000, what: 'a refusal by every service' },
    );
  }

  it('while NATS is dead is answered with 202 and takes effect once NATS is back', async () => {
    const token = await freshToken();
    await stack.nats.kill();
    expect((await ada.logOut(token)).status).toBe(202);
    await stack.nats.restart();
    await refusedEverywhere(token);
  });

  it('at the very moment when NATS dies takes effect', async () => {
    const token = await freshToken();
    const [answer] = await Promise.all([ada.logOut(token), stack.nats.kill()]);
    expect([202, 204]).toContain(answer.status);
    await stack.nats.restart();
    await refusedEverywhere(token);
  });

  it('before auth died, with NATS dead as well, takes effect once both are back', async () => {
    const token = await freshToken();
    await stack.nats.kill();
    expect((await ada.logOut(token)).status).toBe(202);
    await stack.replicas.auth.kill();
    await stack.nats.restart();
    await stack.replicas.auth.start();
    await refusedEverywhere(token);
  });

  it('is still in force after Postgres and NATS died', async () => {
    const token = await freshToken();
    expect((await ada.logOut(token)).status).toBe(204);
    await Promise.all([stack.postgres.kill(), stack.nats.kill()]);
    await Promise.all([stack.postgres.restart(), stack.nats.restart()]);
    await stack.replicas['orders-1'].restart();
    await refusedEverywhere(token);
  });
});
