import { type LatchkeyStack } from '@latchkey/local-stack';
import { TestUser, waitFor } from '@latchkey/testing';
import {
  ACCEPTED_EVERYWHERE,
  refusedEverywhere,
  statusesEverywhere,
} from '../../src/everywhere.js';
import { sharedStack } from '../../src/shared-stack.js';

/** Promise 2 of the design, with processes that are killed with SIGKILL around the log-out. */
describe('a log-out that was answered', () => {
  let stack: LatchkeyStack;
  let ada: TestUser;
  beforeAll(async () => {
    stack = await sharedStack();
    ada = await TestUser.register(stack.issuer);
  });

  async function freshToken(): Promise<string> {
    const { access_token: token } = await ada.logIn();
    expect(await statusesEverywhere(stack, token)).toEqual(ACCEPTED_EVERYWHERE);
    return token;
  }

  const refused = (token: string) => refusedEverywhere(stack, token, 20_000);

  it('with 202 while NATS was down takes effect once NATS is back', async () => {
    const token = await freshToken();
    await stack.nats.kill();
    expect((await ada.logOut(token)).status).toBe(202);
    await stack.nats.restart();
    await refused(token);
  });

  it('at the moment when NATS was killed takes effect', async () => {
    const token = await freshToken();
    const [answer] = await Promise.all([ada.logOut(token), stack.nats.kill()]);
    expect([202, 204]).toContain(answer.status);
    await stack.nats.restart();
    await refused(token);
  });

  it('before auth was killed, while NATS was down, takes effect once both are back', async () => {
    const token = await freshToken();
    await stack.nats.kill();
    expect((await ada.logOut(token)).status).toBe(202);
    await stack.replicas.auth.kill();
    await stack.nats.restart();
    await stack.replicas.auth.start();
    await refused(token);
  });

  it('stays in force after Postgres and NATS were killed', async () => {
    const token = await freshToken();
    await waitFor(async () => (await ada.logOut(token)).status === 204);
    await Promise.all([stack.postgres.kill(), stack.nats.kill()]);
    await Promise.all([stack.postgres.restart(), stack.nats.restart()]);
    await stack.replicas['orders-1'].restart();
    await refused(token);
  });
});
