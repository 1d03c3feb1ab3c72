import { ReceiptsReply } from '@latchkey/contracts';
import { call, type LatchkeyStack, VERIFYING_REPLICAS, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { REFUSED_EVERYWHERE, statusesEverywhere } from '../../src/everywhere.js';
import { sharedStack } from '../../src/shared-stack.js';

const ALL = VERIFYING_REPLICAS.length;

describe('a log-out that waits for receipts', () => {
  let stack: LatchkeyStack;
  let ada: TestUser;
  beforeAll(async () => {
    stack = await sharedStack();
    ada = await TestUser.register(stack.issuer);
    await untilKnown(ALL);
  });

  const logOut = async (confirm: number) => {
    const { access_token: token } = await ada.logIn();
    const { body } = await call(`${stack.issuer}/logout?confirm=${confirm}`, {
      method: 'POST',
      token,
    });
    return { token, receipts: ReceiptsReply.parse(body) };
  };
  const untilKnown = (count: number) =>
    waitFor(async () => (await logOut(1)).receipts.known === count, {
      timeoutMs: 30_000,
      intervalMs: 100,
      what: `${count} known verifiers`,
    });

  it('is answered once every verifier refuses the token', async () => {
    for (let round = 0; round < 10; round++) {
      const { token, receipts } = await logOut(5_000);
      expect(receipts).toEqual({ known: ALL, applied: ALL, slowestMs: expect.any(Number) });
      expect(await statusesEverywhere(stack, token)).toEqual(REFUSED_EVERYWHERE);
    }
  });

  it('does not count a verifier that has stopped', async () => {
    await stack.replicas.payments.stop();
    await untilKnown(ALL - 1);
    expect((await logOut(5_000)).receipts).toMatchObject({ applied: ALL - 1 });
    await stack.replicas.payments.start();
    await untilKnown(ALL);
  });

  it('reports that a frozen verifier has not applied it, and forgets the verifier later', async () => {
    stack.replicas.inventory.signal('SIGSTOP');
    try {
      const { receipts } = await logOut(2_000);
      expect(receipts).toMatchObject({ known: ALL, applied: ALL - 1 });
      await untilKnown(ALL - 1);
    } finally {
      stack.replicas.inventory.signal('SIGCONT');
    }
    await untilKnown(ALL);
    expect((await logOut(5_000)).receipts).toMatchObject({ known: ALL, applied: ALL });
  });
});
