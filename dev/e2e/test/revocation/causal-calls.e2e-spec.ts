import { REVOCATION_MIN_POSITION_HEADER, REVOCATION_POSITION_HEADER } from '@latchkey/contracts';
import {
  type LatchkeyStack,
  PROTECTED_ROUTES,
  VERIFYING_REPLICAS,
  waitFor,
} from '@latchkey/local-stack';
import { createFaultProxy, type FaultProxy, TestUser } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { REFUSED_EVERYWHERE } from '../../src/everywhere.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

/** A client that has seen a log-out does not get a decision from a service that has not. */
describe('Revocation-Min-Position', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let inventoryFeed: FaultProxy;
  let ada: TestUser;
  let productId: string;

  beforeAll(async () => {
    running = await startStack({
      route: async ({ from, to }, url) => {
        if (from !== 'inventory' || to !== 'nats') return url;
        inventoryFeed = await createFaultProxy(url);
        return inventoryFeed.through(url);
      },
    });
    stack = running.stack;
    ada = await TestUser.register(stack.issuer, 'ada');
    const { access_token: token } = await ada.logIn();
    const { body } = await send('inventory', '/products', token);
    productId = (body as { products: { id: string }[] }).products[0]!.id;
  });
  afterAll(async () => {
    await running.close();
    await inventoryFeed.close();
  });

  const send = async (
    replica: keyof typeof PROTECTED_ROUTES,
    path: string,
    token: string,
    { position, json }: { position?: string; json?: object } = {},
  ) => {
    const response = await fetch(stack.replicas[replica].url + path, {
      method: json ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${token}`,
        ...(json && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
        ...(position !== undefined && { [REVOCATION_MIN_POSITION_HEADER]: position }),
      },
      ...(json && { body: JSON.stringify(json) }),
    });
    return { status: response.status, body: await response.json() };
  };
  /** Logs out. @returns the position of the revocation */
  const positionOfLogOut = (token: string) =>
    // On a busy machine, the first answer may be 202, which has no position.
    waitFor(async () => (await ada.logOut(token)).headers.get(REVOCATION_POSITION_HEADER));
  const order = (token: string, position: string) =>
    send('orders-1', '/orders', token, {
      position,
      json: { lines: [{ productId, quantity: 1 }], paymentMethod: 'test-card' },
    });

  it('makes every service refuse the very next call', async () => {
    for (let round = 0; round < 10; round++) {
      const { access_token: token } = await ada.logIn();
      const position = await positionOfLogOut(token);
      const statuses = await Promise.all(
        VERIFYING_REPLICAS.map(
          async (name) => (await send(name, PROTECTED_ROUTES[name], token, { position })).status,
        ),
      );
      expect(statuses).toEqual(REFUSED_EVERYWHERE);
    }
  });

  it('is passed on to the services that a service calls', async () => {
    const [mine, other] = [await ada.logIn(), await ada.logIn()];
    inventoryFeed.hold();
    try {
      const position = await positionOfLogOut(other.access_token);
      // Orders has applied the revocation, but inventory, which it calls, has not.
      const { status, body } = await order(mine.access_token, position);
      expect(status).toBe(503);
      expect(body).toMatchObject({ code: 'inventory_unavailable' });
      const direct = await send('inventory', '/products', mine.access_token, { position });
      expect(direct).toMatchObject({ status: 503, body: { code: 'revocations_behind' } });
    } finally {
      inventoryFeed.heal();
    }
    await waitFor(async () => {
      const { access_token: token } = await ada.logIn();
      const position = await positionOfLogOut((await ada.logIn()).access_token);
      return (await order(token, position)).status === 201;
    });
  });
});
