import { Backoff } from '@latchkey/contracts/backoff';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { HealthRegistry } from '../health-registry.js';
import { databaseTroubleOf, type DatabaseTrouble } from './database-unavailable.js';
import { migrate } from './migrate.js';
import { connectionFailureMessage } from './connection-failure.js';
import { refuseTransactionPooler, TransactionPoolerError } from './transaction-pooler.js';
import { urgently } from './urgency.js';

const BACKOFF = { firstMilliseconds: 100, maxMilliseconds: 2_000 };
const HEALTH_DETAILS = {
  unreachable: 'does not answer',
  busy: 'all connections are in use',
  slow: 'does not answer in time',
} satisfies Record<DatabaseTrouble, string>;

/**
 * Migrates and connects in the background, and retries until it succeeds. It migrates first, so that requests
 * that arrive meanwhile find no connection, rather than an old schema.
 */
export class DatabaseConnector implements OnApplicationBootstrap, OnApplicationShutdown {
  #ready = false;
  readonly #closing = new AbortController();
  #settleReady!: () => void;
  /** Resolves once the database is migrated and connected. */
  readonly ready = new Promise<void>((resolve) => (this.#settleReady = resolve));
  #connecting: Promise<void> | undefined;
  #waitingFor = 'not connected or migrated yet';

  constructor(
    private readonly dataSource: DataSource,
    health: Pick<HealthRegistry, 'register'>,
    private readonly logger: Logger,
    name = 'database',
    /** Other pools on the same database; they are opened and closed together with it. */
    private readonly others: readonly DataSource[] = [],
  ) {
    health.register(name, () => this.#health());
  }

  onApplicationBootstrap(): void {
    this.#connecting = this.#connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closing.abort();
    await this.#connecting;
    for (const source of [...this.others, this.dataSource])
      if (source.isInitialized) await source.destroy();
  }

  async #connect(): Promise<void> {
    const backoff = new Backoff(BACKOFF);
    while (!this.#closing.signal.aborted) {
      try {
        await migrate(this.dataSource, this.logger, this.#closing.signal);
        if (this.#closing.signal.aborted) return;
        for (const source of [this.dataSource, ...this.others])
          if (!source.isInitialized) await source.initialize();
        await refuseTransactionPooler(this.dataSource);
        this.#ready = true;
        this.#settleReady();
        return;
      } catch (err) {
        this.#report(err);
      }
      await backoff.wait(this.#closing.signal);
    }
  }

  #report(err: unknown): void {
    if (!(err instanceof TransactionPoolerError)) {
      this.logger.warn({ err }, connectionFailureMessage(err));
      return;
    }
    if (err.message !== this.#waitingFor) this.logger.error(err.message);
    this.#waitingFor = err.message;
  }

  async #health() {
    if (!this.#ready) return { ready: false, detail: this.#waitingFor };
    try {
      await urgently(() => this.dataSource.query('SELECT 1'));
      return { ready: true };
    } catch (err) {
      const trouble = databaseTroubleOf(err) ?? 'unreachable';
      this.logger.warn({ err, trouble }, 'database does not answer');
      return { ready: false, detail: HEALTH_DETAILS[trouble] };
    }
  }
}
