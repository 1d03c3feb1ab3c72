import { HealthRegistry } from '@latchkey/service-kit';
import { SessionStoreUnavailableError } from '@latchkey/sessions';
import {
  createFaultProxy,
  startTestDatabase,
  startTestRedis,
  waitFor,
  type FaultProxy,
} from '@latchkey/testing';
import { pino } from 'pino';
import { connectedStore, type ConnectedStore } from './session-store.provider.js';

/** A server, behind a proxy that can keep its answers back. */
interface HeldBack {
  readonly url: string;
  readonly proxy: FaultProxy;
  close(): Promise<void>;
}

const SERVERS: Readonly<Record<string, () => Promise<HeldBack>>> = {
  Redis: async () => {
    const redis = await startTestRedis();
    const proxy = await createFaultProxy(redis.url);
    return { url: proxy.through(redis.url), proxy, close: () => redis.close() };
  },
  Postgres: async () => {
    const database = await startTestDatabase();
    const proxy = await createFaultProxy(database.url);
    return { url: proxy.through(database.url), proxy, close: () => database.drop() };
  },
};

describe.each(Object.entries(SERVERS))('the time limit of a store in %s', (_, start) => {
  let server: HeldBack;
  const stores: ConnectedStore[] = [];
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    for (const store of stores) await store.onApplicationShutdown();
    await server.proxy.close();
    await server.close();
  });

  async function connected(timeoutSeconds: number): Promise<ConnectedStore['store']> {
    const options = { url: server.url, timeoutSeconds, required: true };
    const store = connectedStore(options, new HealthRegistry(), pino({ enabled: false }));
    stores.push(store);
    store.onApplicationBootstrap();
    await waitFor(async () => (await store.store.list('nobody')).length === 0, {
      timeoutMs: 20_000,
    });
    return store.store;
  }

  it('is that of the configuration', async () => {
    const [hasty, patient] = [await connected(0.3), await connected(60)];
    server.proxy.hold();
    const answer = patient.find('nobody');
    await expect(hasty.find('nobody')).rejects.toThrow(SessionStoreUnavailableError);
    server.proxy.heal();
    expect(await answer).toBeUndefined();
  });
});
