import { call, decodeUnverified, type LatchkeyStack, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import {
  ACCEPTED_EVERYWHERE,
  refusedEverywhere,
  statusesEverywhere,
} from '../../src/everywhere.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

/** Promise 5 of the design. */
describe('a signing key', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let ada: TestUser;
  let admin: TestUser;
  beforeAll(async () => {
    running = await startStack({ publishAheadSeconds: 1 });
    stack = running.stack;
    ada = await TestUser.register(stack.issuer, 'ada');
    admin = new TestUser(stack.issuer, stack.admin.name, stack.admin.secret);
  });
  afterAll(() => running.close());

  async function rotate(): Promise<void> {
    const { access_token: token } = await admin.logIn();
    await waitFor(
      async () => {
        const url = `${stack.issuer}/admin/signing-keys/rotate`;
        const { status } = await call(url, { method: 'POST', token });
        if (status !== 409) expect(status).toBeLessThan(300);
        return status !== 409; // 409: the next key has not been published long enough
      },
      { intervalMs: 200 },
    );
  }

  it('is rotated while requests continue, and none is refused', async () => {
    const old = (await ada.logIn()).access_token;
    const seen = new Set<number>();
    let ended = false;
    const callOn = async () => {
      while (!ended) for (const status of await statusesEverywhere(stack, old)) seen.add(status);
    };
    const calling = callOn();
    try {
      await rotate();
      const fresh = (await ada.logIn()).access_token;
      expect(decodeUnverified(fresh).header.kid).not.toBe(decodeUnverified(old).header.kid);
      expect(await statusesEverywhere(stack, fresh)).toEqual(ACCEPTED_EVERYWHERE);
    } finally {
      ended = true;
      await calling;
    }
    expect([...seen]).toEqual([200]);
  });

  it('can be revoked: its tokens are refused everywhere, and others stay valid', async () => {
    const doomed = (await ada.logIn()).access_token;
    const keyId = decodeUnverified(doomed).header.kid;
    await rotate();
    const alive = (await ada.logIn()).access_token;
    const { access_token: token } = await admin.logIn();
    const url = `${stack.issuer}/admin/signing-keys/${keyId}/revoke`;
    expect((await call(url, { method: 'POST', token })).status).toBeLessThan(300);
    await refusedEverywhere(stack, doomed);
    expect(await statusesEverywhere(stack, alive)).toEqual(ACCEPTED_EVERYWHERE);
  });
});
