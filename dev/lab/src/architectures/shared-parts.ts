import {
  LatchkeyStack,
  ProgramMissingError,
  startOwnPostgres,
  startOwnRedis,
  temporaryDirectory,
  type Postgres,
  type Redis,
} from '@latchkey/local-stack';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Laboratory } from '../experiment.js';
import type { ArchitectureId } from './architecture.js';
import { serverVersions } from './server-versions.js';

/** Longer than the longest experiment, so that no token expires during a run. */
const TOKEN_SECONDS = 3_600;

/** The servers that all replicas of all architectures share, each in a process of its own. */
export interface SharedParts {
  /** Auth, NATS, and the Postgres with every service's own data. */
  readonly stack: LatchkeyStack;
  /** Undefined if there is no redis-server. */
  readonly redis: Redis | undefined;
  /** A second Postgres for sessions only, so that their cost can be measured separately. */
  readonly sessionPostgres: Postgres;
  readonly sessionPostgresUrl: string;
  /** Versions of the servers, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Whether an architecture can be measured here. */
  readonly available: (id: ArchitectureId) => boolean;
}

/** Starts the servers. One replica of auth keeps cookie sessions in Redis, the other in Postgres. */
export async function startSharedParts(laboratory: Laboratory): Promise<SharedParts> {
  const { processes, onProgress } = laboratory;
  const stateDirectory = temporaryDirectory(processes);
  onProgress('starting Redis and a Postgres for sessions');
  const [redis, sessionPostgres] = await Promise.all([
    redisIfThereIsOne(laboratory, stateDirectory),
    startOwnPostgres({
      processes,
      dataDirectory: join(stateDirectory, 'session-postgres'),
      password: randomBytes(16).toString('hex'),
      onProgress,
    }),
  ]);
  const sessionPostgresUrl = await sessionPostgres.createDatabase('sessions');
  const stack = await LatchkeyStack.start({
    processes,
    onProgress,
    stateDirectory,
    preferredPorts: false,
    authReplicas: 2,
    env: {
      all: { LOG_LEVEL: 'warn' },
      auth: {
        ACCESS_TOKEN_LIFETIME_SECONDS: String(TOKEN_SECONDS),
        SESSIONS_PER_ACCOUNT: '1000',
        SESSION_STORE_URL: redis?.url ?? sessionPostgresUrl,
      },
      'auth-2': { SESSION_STORE_URL: sessionPostgresUrl },
    },
  });
  const available = (id: ArchitectureId) => redis !== undefined || id !== 'session-redis';
  const versions = await serverVersions(stack, redis);
  return { stack, redis, sessionPostgres, sessionPostgresUrl, versions, available };
}

async function redisIfThereIsOne(
  { processes, onProgress, print }: Laboratory,
  stateDirectory: string,
): Promise<Redis | undefined> {
  try {
    return await startOwnRedis({
      processes,
      stateDirectory,
      dataDirectory: join(stateDirectory, 'redis'),
      password: randomBytes(16).toString('hex'),
      onProgress,
    });
  } catch (error) {
    if (!(error instanceof ProgramMissingError)) throw error;
    print(`Sessions in Redis are not measured: ${error.message}`);
    return undefined;
  }
}
