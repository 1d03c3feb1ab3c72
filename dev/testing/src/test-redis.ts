import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ProcessGroup, startOwnRedis, temporaryDirectory, type Redis } from '@latchkey/local-stack';

/** A redis-server for one test. */
export interface TestRedis extends Redis {
  /** Ends the server and deletes its data. */
  close(): Promise<void>;
}

/** Starts an empty redis-server, which a test can stop, kill and restart. */
export async function startTestRedis(): Promise<TestRedis> {
  const processes = new ProcessGroup();
  try {
    const directory = temporaryDirectory(processes);
    const redis = await startOwnRedis({
      processes,
      stateDirectory: directory,
      dataDirectory: join(directory, 'redis'),
      password: randomBytes(16).toString('hex'),
    });
    return Object.assign(Object.create(redis) as Redis, { close: () => processes.close() });
  } catch (error) {
    await processes.close();
    throw error;
  }
}
