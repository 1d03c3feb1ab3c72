import { HealthRegistry } from '@latchkey/service-kit';
import { SessionStoreUnavailableError } from '@latchkey/sessions';
import {
  createFaultProxy,
  startTestDatabase,
  startTestRedis,
  waitFor,
  type FaultProxy,
} from '@latchkey/testing';
import { createClient } from '@redis/client';
import { pino } from 'pino';
import type { ConnectedStore } from './connected-store.js';
import { createConnectedStore } from './create-connected-store.js';

/** A server behind a proxy that can delay its replies. */
interface ProxiedServer {
  readonly url: string;
  readonly proxy: FaultProxy;
  close(): Promise<void>;
}

const SERVERS: Readonly<Record<string, () => Promise<ProxiedServer>>> = {
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

describe.each(Object.entries(SERVERS))('a session store in %s', (_, start) => {
  let server: ProxiedServer;
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
    const store = await createConnectedStore(
      options,
      new HealthRegistry(),
      pino({ enabled: false }),
    );
    stores.push(store);
    store.onApplicationBootstrap();
    await waitFor(async () => (await store.store.list('nobody')).length === 0, {
      timeoutMs: 20_000,
    });
    return store.store;
  }

  it('uses the configured time limit', async () => {
    const [hasty, patient] = [await connected(0.3), await connected(60)];
    server.proxy.hold();
    const answer = patient.find('nobody');
    await expect(hasty.find('nobody')).rejects.toThrow(SessionStoreUnavailableError);
    server.proxy.heal();
    expect(await answer).toBeUndefined();
  });
});

describe('a Redis server with the eviction policy', () => {
  it.each([
    ['allkeys-lru', true],
    ['volatile-ttl', true],
    ['noeviction', false],
  ])('%s is reported in the log and by the health check: %s', async (policy, reported) => {
    const redis = await startTestRedis();
    const client = await createClient({ url: redis.url }).connect();
    await client.configSet('maxmemory-policy', policy);
    await client.close();
    let text = '';
    const log = pino({}, { write: (line) => void (text += line) });
    const health = new HealthRegistry();
    const store = await createConnectedStore(
      { url: redis.url, timeoutSeconds: 2, required: true },
      health,
      log,
    );
    store.onApplicationBootstrap();
    try {
      await waitFor(async () => (await health.report()).ready);
      const { detail } = (await health.report()).checks['session_store']!;
      if (!reported) {
        expect([detail, text]).toEqual([undefined, '']);
        return;
      }
      await waitFor(() => text !== '');
      expect(detail).toMatch(new RegExp(`^${policy}: .*set maxmemory-policy noeviction$`));
      expect(text).toContain(`"level":50`);
      expect(text).toContain('set maxmemory-policy noeviction');
    } finally {
      await store.onApplicationShutdown();
      await redis.close();
    }
  });
});

describe('a Redis server that forbids INFO', () => {
  it('is ready', async () => {
    const redis = await startTestRedis();
    const admin = await createClient({ url: redis.url }).connect();
    await admin.aclSetUser('shy', ['on', '>secret', '~*', '+@all', '-info', '-config']);
    await admin.close();
    const url = new URL(redis.url);
    [url.username, url.password] = ['shy', 'secret'];
    const health = new HealthRegistry();
    const options = { url: url.href, timeoutSeconds: 2, required: true };
    const store = await createConnectedStore(options, health, pino({ enabled: false }));
    store.onApplicationBootstrap();
    try {
      await waitFor(async () => (await health.report()).ready);
      expect((await health.report()).checks['session_store']).toEqual({ ready: true });
    } finally {
      await store.onApplicationShutdown();
      await redis.close();
    }
  });
});
