import { describeSessionStore } from '@latchkey/sessions/suite';
import { startTestRedis, waitFor } from '@latchkey/testing';
import { createClient } from '@redis/client';
import { RedisSessionStore } from './redis-session-store.js';

describeSessionStore('Redis', async () => {
  const redis = await startTestRedis();
  const stores: RedisSessionStore[] = [];
  const connect = async () => {
    const store = new RedisSessionStore({ url: redis.url });
    stores.push(store);
    store.open();
    await waitFor(() => store.evictionPolicy().then(() => true));
    return store;
  };
  return {
    connect,
    dump: async () => {
      const client = createClient({ url: redis.url });
      await client.connect();
      const keys = await client.keys('*');
      const texts = await Promise.all(
        keys.map(async (key) => ((await client.type(key)) === 'string' ? client.get(key) : '')),
      );
      client.destroy();
      return [...keys, ...texts].join('\n');
    },
    kill: () => redis.kill(),
    restart: () => redis.restart(),
    freeze: () => redis.signal('SIGSTOP'),
    thaw: () => redis.signal('SIGCONT'),
    close: async () => {
      for (const store of stores) store.close();
      await redis.close();
    },
  };
});
