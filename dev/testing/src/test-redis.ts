import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Leash, startOwnRedis, temporaryDirectory, type Redis } from '@latchkey/local-stack';

/** A redis-server of a test's own. */
export interface TestRedis extends Redis {
  /** Ends the server and removes what it stored. */
  close(): Promise<void>;
}

/** Starts a new, empty redis-server. It can be stopped, killed, restarted. */
export async function startTestRedis(): Promise<TestRedis> {
  const leash = new Leash();
  try {
    const directory = temporaryDirectory(leash);
    const redis = await startOwnRedis({
      leash,
      stateDirectory: directory,
      dataDirectory: join(directory, 'redis'),
      password: randomBytes(16).toString('hex'),
    });
    return Object.assign(Object.create(redis) as Redis, { close: () => leash.close() });
  } catch (error) {
    await leash.close();
    throw error;
  }
}
