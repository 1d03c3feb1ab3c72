import {
  createDataSource,
  DatabaseConnector,
  environment,
  readTextFile,
  Housekeeper,
  type Health,
  type HealthRegistry,
} from '@latchkey/service-kit';
import type { SessionStore } from '@latchkey/sessions';
import {
  EXPIRING_STORED_SESSIONS,
  PostgresSessionStore,
  RedisSessionStore,
  StoredSessions1700000006100,
  type RedisSessionStoreOptions,
} from '@latchkey/session-stores';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isRedis } from './session-environment.js';

/** A store with its connection, which is made in the background and for as long as it takes. */
export interface ConnectedStore extends OnApplicationBootstrap, OnApplicationShutdown {
  readonly store: SessionStore;
}

const NOTE_RETRY_MILLISECONDS = 250;

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

const EVICTS =
  'the session store may drop sessions when its memory is full, which logs users out: set ' +
  'maxmemory-policy noeviction';

class RedisStore implements ConnectedStore {
  readonly store: RedisSessionStore;
  readonly #log: Logger;
  #policy: string | undefined;
  #closed = false;

  constructor(
    server: Pick<RedisSessionStoreOptions, 'url' | 'ca'>,
    timeoutSeconds: number,
    health: Registry,
    log: Logger,
  ) {
    this.#log = log;
    const onTrouble = (err: unknown) => log.warn({ err }, 'session store: trouble with Redis');
    const timeoutMilliseconds = timeoutSeconds * 1_000;
    this.store = new RedisSessionStore({ ...server, timeoutMilliseconds, onTrouble });
    health.register(NAME, () => this.#health());
  }

  onApplicationBootstrap(): void {
    this.store.open();
    void this.#noteAtStart();
  }

  onApplicationShutdown(): void {
    this.#closed = true;
    this.store.close();
  }

  /** Ready although it may evict: its sessions are good for as long as they are there. */
  async #health(): Promise<Health> {
    try {
      const policy = await this.store.evictionPolicy();
      this.#note(policy);
      return { ready: true, ...(evicts(policy) && { detail: `${policy}: ${EVICTS}` }) };
    } catch {
      return { ready: false, detail: 'does not answer' };
    }
  }

  async #noteAtStart(): Promise<void> {
    while (!this.#closed) {
      try {
        this.#note(await this.store.evictionPolicy());
        return;
      } catch {
        await delay(NOTE_RETRY_MILLISECONDS, undefined, { ref: false });
      }
    }
  }

  /** Once, and again when the server was replaced by one with another policy. */
  #note(policy: string | undefined): void {
    if (policy !== this.#policy && evicts(policy)) this.#log.error({ policy }, EVICTS);
    this.#policy = policy;
  }
}

const evicts = (policy: string | undefined) => policy !== undefined && policy !== 'noeviction';

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
