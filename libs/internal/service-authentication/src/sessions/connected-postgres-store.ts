import {
  createDataSource,
  DatabaseConnector,
  Housekeeper,
  type HealthRegistry,
} from '@latchkey/service-kit';
import {
  EXPIRING_STORED_SESSIONS,
  PostgresSessionStore,
  StoredSessionEntity,
  StoredSessions1700000006100,
} from '@latchkey/session-stores';
import type { Logger } from 'pino';
import type { ConnectedStore } from './connected-store.js';

/** A Postgres store that migrates its database, reports its health and deletes expired sessions. */
export class ConnectedPostgresStore implements ConnectedStore {
  readonly store: PostgresSessionStore;
  readonly #connector: DatabaseConnector;
  readonly #housekeeper: Housekeeper;

  constructor(
    url: string,
    timeoutSeconds: number,
    health: Pick<HealthRegistry, 'register'>,
    log: Logger,
  ) {
    const source = createDataSource({
      url,
      entities: [StoredSessionEntity],
      migrations: [StoredSessions1700000006100],
      connectTimeoutSeconds: timeoutSeconds,
      statementTimeoutSeconds: timeoutSeconds,
    });
    this.store = new PostgresSessionStore(source);
    this.#connector = new DatabaseConnector(source, health, log, 'session_store');
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
