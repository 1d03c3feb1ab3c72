import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { HealthRegistry } from '../health-registry.js';
import { databaseTroubleOf, type DatabaseTrouble } from './database-unavailable.js';
import { refuseTransactionPooler, TransactionPoolerError } from './transaction-pooler.js';
import { urgently } from './urgency.js';

const FIRST_RETRY_MILLISECONDS = 100;
const LAST_RETRY_MILLISECONDS = 2_000;
const HEALTH_DETAILS = {
  unreachable: 'does not answer',
  busy: 'all connections are in use',
  slow: 'does not answer in time',
} satisfies Record<DatabaseTrouble, string>;
/** Any number that all replicas share; "latchkey" on a telephone keypad. */
const MIGRATION_LOCK = 52_824_539;

/** Connects and migrates in the background, for as long as it takes. */
export class DatabaseConnector implements OnApplicationBootstrap, OnApplicationShutdown {
  #ready = false;
  #closed = false;
  #settleReady!: () => void;
  /** Resolves when the schema is there. */
  readonly ready = new Promise<void>((resolve) => (this.#settleReady = resolve));
  #connecting: Promise<void> | undefined;
  #waitingFor = 'not connected or not migrated yet';

  constructor(
    private readonly dataSource: DataSource,
    health: Pick<HealthRegistry, 'register'>,
    private readonly logger: Logger,
    name = 'database',
    /** Other pools on the same database, which are connected and closed along with it. */
    private readonly others: readonly DataSource[] = [],
  ) {
    health.register(name, () => this.#health());
  }

  onApplicationBootstrap(): void {
    this.#connecting = this.#connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closed = true;
    await this.#connecting;
    for (const source of [...this.others, this.dataSource])
      if (source.isInitialized) await source.destroy();
  }

  async #connect(): Promise<void> {
    let pause = FIRST_RETRY_MILLISECONDS;
    while (!this.#closed) {
      try {
        for (const source of [this.dataSource, ...this.others])
          if (!source.isInitialized) await source.initialize();
        await refuseTransactionPooler(this.dataSource);
        if (await this.#migrate()) {
          this.#ready = true;
          this.#settleReady();
          return;
        }
      } catch (err) {
        this.#note(err);
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, LAST_RETRY_MILLISECONDS);
    }
  }

  #note(err: unknown): void {
    if (!(err instanceof TransactionPoolerError)) {
      this.logger.warn({ err }, 'database not ready, trying again');
      return;
    }
    if (err.message !== this.#waitingFor) this.logger.error(err.message);
    this.#waitingFor = err.message;
  }

  /**
   * The lock belongs to a transaction: it ends with that of a replica that dies, and a pooler cannot leave
   * it behind on a connection that another client is given.
   *
   * @returns false while another replica migrates
   */
  async #migrate(): Promise<boolean> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      // The migrations run on another connection.
      await runner.query('SET LOCAL idle_in_transaction_session_timeout = 0');
      const [lock] = (await runner.query('SELECT pg_try_advisory_xact_lock($1) AS held', [
        MIGRATION_LOCK,
      ])) as [{ held: boolean }];
      if (lock.held) await this.dataSource.runMigrations({ transaction: 'each' });
      return lock.held;
    } finally {
      // Nothing was written here; what counts is that the lock is given back.
      await runner.rollbackTransaction().catch(() => undefined);
      await runner.release();
    }
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
