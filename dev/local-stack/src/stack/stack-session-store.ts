import { join } from 'node:path';
import { ProgramMissingError } from '../programs/ensure-program.js';
import type { Launcher } from '../processes/launcher.js';
import type { LocalServer } from '../servers/local-server.js';
import type { Postgres } from '../servers/postgres.js';
import { startRedis } from '../servers/redis.js';
import { generateOnce } from './state-directory.js';

const REDIS_PORT = 4052;
const DATABASE = 'sessions';

/**
 * Where sessions are stored. If Redis is not available, `redis` fails, and `redis-else-postgres`
 * reports it and uses a database in the stack's Postgres.
 */
export type SessionStoreChoice = 'none' | 'postgres' | 'redis' | 'redis-else-postgres';

/** The session store of a stack. With `postgres` it is the same server that the services use. */
export interface StackSessionStore extends Pick<
  LocalServer,
  'url' | 'server' | 'stop' | 'kill' | 'restart'
> {
  readonly kind: 'postgres' | 'redis';
}

export interface SessionStoreOptions {
  processes: Launcher;
  stateDirectory: string;
  preferredPorts?: boolean;
  sessionStore?: SessionStoreChoice;
  onProgress?: (message: string) => void;
}

/**
 * @param postgres may still be starting; Redis does not wait for it
 * @returns undefined for `none`
 * @throws {ProgramMissingError}
 */
export async function startSessionStore(
  options: SessionStoreOptions,
  postgres: Promise<Postgres>,
): Promise<StackSessionStore | undefined> {
  switch (options.sessionStore ?? 'none') {
    case 'none':
      return undefined;
    case 'postgres':
      return inPostgres(await postgres, options);
    case 'redis':
      return inRedis(options);
    case 'redis-else-postgres':
      try {
        return await inRedis(options);
      } catch (error) {
        if (!(error instanceof ProgramMissingError)) throw error;
        options.onProgress?.(
          'redis-server is not available and REDIS_URL is not set, so Postgres stores the sessions',
        );
        return inPostgres(await postgres, options);
      }
  }
}

async function inRedis({
  processes,
  stateDirectory,
  preferredPorts = true,
  onProgress,
}: SessionStoreOptions): Promise<StackSessionStore> {
  const redis = await startRedis({
    processes,
    stateDirectory,
    dataDirectory: join(stateDirectory, 'redis'),
    password: generateOnce(stateDirectory, 'redis'),
    port: preferredPorts ? REDIS_PORT : 0,
    ...(onProgress && { onProgress }),
  });
  return Object.assign(redis, { kind: 'redis' as const });
}

async function inPostgres(
  postgres: Postgres,
  { stateDirectory }: SessionStoreOptions,
): Promise<StackSessionStore> {
  const password = generateOnce(stateDirectory, `database-${DATABASE}`);
  return {
    kind: 'postgres',
    url: await postgres.createDatabase(DATABASE, password),
    stop: () => postgres.stop(),
    kill: () => postgres.kill(),
    restart: () => postgres.restart(),
  };
}
