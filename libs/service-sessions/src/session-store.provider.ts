import {
  createDataSource,
  DatabaseConnector,
  type Health,
  type HealthRegistry,
} from '@latchkey/service-kit';
import type { SessionStore } from '@latchkey/sessions';
import { PostgresSessionStore, StoredSessions1700000006100 } from '@latchkey/sessions-postgres';
import { RedisSessionStore } from '@latchkey/sessions-redis';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';

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

const EVICTS =
  'the session store may drop sessions when its memory is full, which logs users out: set ' +
  'maxmemory-policy noeviction';

class RedisStore implements ConnectedStore {
  readonly store: RedisSessionStore;
  readonly #log: Logger;

  constructor(url: string, timeoutSeconds: number, health: Registry, log: Logger) {
    this.#log = log;
    const onConnected = () => void this.#warn();
    const onTrouble = (err: unknown) => log.warn({ err }, 'session store: trouble with Redis');
    const timeoutMilliseconds = timeoutSeconds * 1_000;
    this.store = new RedisSessionStore({ url, timeoutMilliseconds, onConnected, onTrouble });
    health.register(NAME, () => this.#health());
  }

  onApplicationBootstrap(): void {
    this.store.open();
  }

  onApplicationShutdown(): void {
    this.store.close();
  }

  /** Ready although it may evict: its sessions are good for as long as they are there. */
  #health(): Promise<Health> {
    return this.store.evictionPolicy().then(
      (policy) => ({ ready: true, ...(evicts(policy) && { detail: `${policy}: ${EVICTS}` }) }),
      () => ({ ready: false, detail: 'does not answer' }),
    );
  }

  async #warn(): Promise<void> {
    try {
      const policy = await this.store.evictionPolicy();
      if (evicts(policy)) this.#log.error({ policy }, EVICTS);
    } catch (err) {
      this.#log.warn({ err }, 'session store: cannot tell whether it evicts');
    }
  }
}

const evicts = (policy: string | undefined) => policy !== undefined && policy !== 'noeviction';

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
