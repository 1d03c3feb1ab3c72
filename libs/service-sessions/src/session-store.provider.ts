import {
  createDataSource,
  DatabaseConnector,
  Housekeeper,
  type Health,
  type HealthRegistry,
} from '@latchkey/service-kit';
import type { SessionStore } from '@latchkey/sessions';
import {
  EXPIRING_STORED_SESSIONS,
  PostgresSessionStore,
  StoredSessions1700000006100,
} from '@latchkey/sessions-postgres';
import { RedisSessionStore } from '@latchkey/sessions-redis';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';

/** A store with its connection, which is made in the background and for as long as it takes. */
export interface ConnectedStore extends OnApplicationBootstrap, OnApplicationShutdown {
  readonly store: SessionStore;
}

/** What health checks call it, whichever it is. */
const NAME = 'session_store';

export interface ConnectedStoreOptions {
  /** Of a Redis server, or of a Postgres database. */
  readonly url: string;
  /** How long it may take, to be connected to and to answer. */
  readonly timeoutSeconds: number;
  /** Whether the service is of no use without it. */
  readonly required: boolean;
}

/** The store of a service: which one, its URL says. It begins to connect when the application has started. */
export function connectedStore(
  { url, timeoutSeconds, required }: ConnectedStoreOptions,
  health: HealthRegistry,
  log: Logger,
): ConnectedStore {
  const registry: Registry = {
    register: (name, check) => health.register(name, check, required),
  };
  const Store = url.startsWith('redis') ? RedisStore : PostgresStore;
  return new Store(url, timeoutSeconds, registry, log);
}

type Registry = Pick<HealthRegistry, 'register'>;

class RedisStore implements ConnectedStore {
  readonly store: RedisSessionStore;

  constructor(url: string, timeoutSeconds: number, health: Registry, log: Logger) {
    const onTrouble = (err: unknown) => log.warn({ err }, 'session store: trouble with Redis');
    const timeoutMilliseconds = timeoutSeconds * 1_000;
    this.store = new RedisSessionStore({ url, timeoutMilliseconds, onTrouble });
    health.register(NAME, () => this.#health());
  }

  onApplicationBootstrap(): void {
    this.store.open();
  }

  onApplicationShutdown(): void {
    this.store.close();
  }

  #health(): Promise<Health> {
    return this.store.ping().then(
      () => ({ ready: true }),
      () => ({ ready: false, detail: 'does not answer' }),
    );
  }
}

class PostgresStore implements ConnectedStore {
  readonly store: PostgresSessionStore;
  readonly #connector: DatabaseConnector;
  readonly #housekeeper: Housekeeper;

  constructor(url: string, timeoutSeconds: number, health: Registry, log: Logger) {
    const migrations = [StoredSessions1700000006100];
    const source = createDataSource({
      url,
      migrations,
      connectTimeoutSeconds: timeoutSeconds,
      statementTimeoutSeconds: timeoutSeconds,
    });
    this.store = new PostgresSessionStore(source);
    this.#connector = new DatabaseConnector(source, health, log, NAME);
    this.#housekeeper = new Housekeeper(source, this.#connector, [EXPIRING_STORED_SESSIONS], log);
  }

  onApplicationBootstrap(): void {
    this.#connector.onApplicationBootstrap();
    this.#housekeeper.onApplicationBootstrap();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#housekeeper.beforeApplicationShutdown();
    await this.#connector.onApplicationShutdown();
  }
}
