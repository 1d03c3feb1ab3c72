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

/** Longer than the longest experiment: no architecture stops for want of a new token. */
const TOKEN_SECONDS = 3_600;

/** What all replicas of all architectures share: real servers, each a process of its own. */
export interface SharedParts {
  /** Auth, NATS, and the Postgres of every service's own data. */
  readonly stack: LatchkeyStack;
  /** Undefined where no redis-server can be had. */
  readonly redis: Redis | undefined;
  /** A second server with nothing in it but sessions, so that their cost can be told from the services'. */
  readonly sessionPostgres: Postgres;
  readonly sessionPostgresUrl: string;
  /** Of the servers, by their names. */
  readonly versions: Readonly<Record<string, string>>;
  /** Those that can be measured here. */
  readonly available: (id: ArchitectureId) => boolean;
}

/** Starts them. One replica of auth keeps its sessions' cookies in Redis, the other in Postgres. */
export async function startSharedParts(laboratory: Laboratory): Promise<SharedParts> {
  const { processes, onProgress } = laboratory;
  const stateDirectory = temporaryDirectory(processes);
  onProgress('starting Redis, and a Postgres for sessions');
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
    print(`Sessions in Redis are left out: ${error.message}`);
    return undefined;
  }
}
