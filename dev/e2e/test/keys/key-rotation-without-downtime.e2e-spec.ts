import { call, decodeUnverified, type LatchkeyStack, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { readFileSync } from 'node:fs';
import {
  ACCEPTED_EVERYWHERE,
  refusedEverywhere,
  statusesEverywhere,
} from '../../src/everywhere.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';
import { orderOfNewUser, OrdersKeys } from './orders-keys-fixture.js';

const MAX_STALENESS_SECONDS = '2';

let keys: OrdersKeys;
let running: RunningStack;
let stack: LatchkeyStack;
let ada: TestUser;
beforeAll(async () => {
  keys = new OrdersKeys();
  const env = {
    ...keys.env,
    all: { MAX_STALENESS_SECONDS },
    'orders-1': { WHEN_STALE: 'ask' },
  };
  running = await startStack({ publishAheadSeconds: 1, env });
  stack = running.stack;
  ada = await TestUser.register(stack.issuer, 'ada');
});
afterAll(async () => {
  await running?.close();
  keys.remove();
});

/** Promise 5 of the design. */
describe('a signing key', () => {
  let admin: TestUser;
  beforeAll(() => {
    admin = new TestUser(stack.issuer, stack.admin.name, stack.admin.secret);
  });

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

/** Orders has no secret: whatever it gets from auth, it gets by its key. */
describe('the private key of a service', () => {
  const ordersWith = async (token: string) =>
    (await call(`${stack.replicas['orders-1'].url}/orders`, { token })).status;

  it('is what the service exchanges tokens with', async () => {
    for (const replica of ['orders-1', 'orders-2'] as const)
      expect(await orderOfNewUser(stack, replica)).toBe(201);
  });

  it('is what the service asks about tokens with', async () => {
    const [ended, alive] = [await ada.logIn(), await ada.logIn()];
    await stack.nats.stop();
    try {
      expect((await ada.logOut(ended.access_token)).status).toBe(202);
      await waitFor(async () => (await ordersWith(ended.access_token)) === 401, {
        what: 'orders, which asks',
      });
      expect(await ordersWith(alive.access_token)).toBe(200);
    } finally {
      await stack.nats.restart();
    }
  });

  it('is replaced while orders are placed, and none is refused', async () => {
    keys.use(keys.second.privateKey);
    const seen: number[] = [];
    for (const [name, other] of [
      ['orders-1', 'orders-2'],
      ['orders-2', 'orders-1'],
    ] as const) {
      let isBack = false;
      const restarting = stack.replicas[name].restart().finally(() => (isBack = true));
      // The other replica has the other key, and auth accepts both.
      do seen.push(await orderOfNewUser(stack, other));
      while (!isBack);
      await restarting;
    }
    expect([...new Set(seen)]).toEqual([201]);

    keys.register(keys.second.publicKey);
    await stack.replicas.auth.restart();
    for (const replica of ['orders-1', 'orders-2'] as const)
      expect(await orderOfNewUser(stack, replica)).toBe(201);
  });

  it('is of no use once auth no longer has its public key', async () => {
    keys.use(keys.first.privateKey);
    await stack.replicas['orders-1'].restart();
    expect(await orderOfNewUser(stack, 'orders-1')).toBe(503);
    expect(await orderOfNewUser(stack, 'orders-2')).toBe(201);
    const logs = readFileSync(stack.replicas['orders-1'].logFile, 'utf8');
    expect(logs).toContain('invalid_client');
    for (const { privateKey } of [keys.first, keys.second])
      expect(logs).not.toContain(privateKey.export({ format: 'jwk' }).d);
    expect(logs).not.toContain('PRIVATE KEY');
  });
});
