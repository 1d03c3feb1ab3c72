import {
  createDataSource,
  DatabaseConnector,
  environment,
  readTextFile,
  type Health,
  type HealthRegistry,
} from '@latchkey/service-kit';
import type { SessionStore } from '@latchkey/sessions';
import { PostgresSessionStore, StoredSessions1700000006100 } from '@latchkey/sessions-postgres';
import { RedisSessionStore, type RedisSessionStoreOptions } from '@latchkey/sessions-redis';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { isRedis } from './session-environment.js';

/** A store with its connection, which is made in the background and for as long as it takes. */
export interface ConnectedStore extends OnApplicationBootstrap, OnApplicationShutdown {
  readonly store: SessionStore;
}

const FORGET_MILLISECONDS = 60_000;

/** What health checks call it, whichever it is. */
const NAME = 'session_store';

export interface ConnectedStoreOptions {
  /** Of a Redis server, or of a Postgres database. */
  readonly url: string;
  /** Who has signed the certificate of that server, instead of the system's authorities. */
  readonly caFile?: string | undefined;
  /** How long it may take, to be connected to and to answer. */
  readonly timeoutSeconds: number;
  /** Whether the service is of no use without it. */
  readonly required: boolean;
}

/** The store of a service: which one, its URL says. It begins to connect when the application has started. */
export function connectedStore(
  { url, caFile, timeoutSeconds, required }: ConnectedStoreOptions,
  health: HealthRegistry,
  log: Logger,
): ConnectedStore {
  const registry: Registry = {
    register: (name, check) => health.register(name, check, required),
  };
  if (!isRedis(url))
    return new PostgresStore(environment.withAuthority(url, caFile), timeoutSeconds, registry, log);
  const ca = caFile === undefined ? undefined : readTextFile(caFile);
  return new RedisStore({ url, ...(ca !== undefined && { ca }) }, timeoutSeconds, registry, log);
}

type Registry = Pick<HealthRegistry, 'register'>;

class RedisStore implements ConnectedStore {
  readonly store: RedisSessionStore;

  constructor(
    server: Pick<RedisSessionStoreOptions, 'url' | 'ca'>,
    timeoutSeconds: number,
    health: Registry,
    log: Logger,
  ) {
    const onTrouble = (err: unknown) => log.warn({ err }, 'session store: trouble with Redis');
    const timeoutMilliseconds = timeoutSeconds * 1_000;
    this.store = new RedisSessionStore({ ...server, timeoutMilliseconds, onTrouble });
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
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;

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
    this.#log = log;
  }

  onApplicationBootstrap(): void {
    this.#connector.onApplicationBootstrap();
    this.#timer = setInterval(() => this.#forget(), FORGET_MILLISECONDS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#connector.onApplicationShutdown();
  }

  /** Every replica does; what one has removed, the others do not find. */
  #forget(): void {
    this.store
      .forget()
      .catch((err: unknown) => this.#log.warn({ err }, 'expired sessions could not be removed'));
  }
}
