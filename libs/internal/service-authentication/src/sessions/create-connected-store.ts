import { environment, readTextFile, type HealthRegistry } from '@latchkey/service-kit';
import type { Logger } from 'pino';
import { ConnectedPostgresStore } from './connected-postgres-store.js';
import type { ConnectedStore } from './connected-store.js';
import { isRedis } from './session-environment.js';

export interface ConnectedStoreOptions {
  /** URL of a Redis server or of a Postgres database. */
  readonly url: string;
  /** File of certificate authorities for that server. Default: those of the system. */
  readonly caFile?: string | undefined;
  /** Time limit for connecting and for each command or statement. */
  readonly timeoutSeconds: number;
  /** Whether the service is unready while the store is unavailable. */
  readonly required: boolean;
}

/**
 * Creates the session store for the URL: Redis or Postgres. Redis' client is loaded only if it is needed, because its
 * 480 files take a third of a second.
 */
export async function createConnectedStore(
  { url, caFile, timeoutSeconds, required }: ConnectedStoreOptions,
  health: HealthRegistry,
  log: Logger,
): Promise<ConnectedStore> {
  const registry: Pick<HealthRegistry, 'register'> = {
    register: (name, check) => health.register(name, check, required),
  };
  if (!isRedis(url)) {
    const urlWithAuthority = environment.withAuthority(url, caFile);
    return new ConnectedPostgresStore(urlWithAuthority, timeoutSeconds, registry, log);
  }
  const { ConnectedRedisStore } = await import('./connected-redis-store.js');
  const ca = caFile === undefined ? undefined : readTextFile(caFile);
  const server = { url, ...(ca !== undefined && { ca }) };
  return new ConnectedRedisStore(server, timeoutSeconds, registry, log);
}
