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
 * Where session cookies are kept: `redis` fails where no Redis can be had, `redis-else-postgres`
 * says so and goes on with a database in the stack's own Postgres.
 */
export type SessionStoreChoice = 'none' | 'postgres' | 'redis' | 'redis-else-postgres';

/** What keeps the session cookies of a stack. With `postgres` it is the server of everything else too. */
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
 * @param postgres still starting: Redis need not wait for it
 * @returns undefined where none is wanted
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
          'no redis-server could be got, and REDIS_URL names none: Postgres keeps the session cookies',
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
