import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { HealthRegistry } from '../health-registry.js';
import { whyNotReady } from './refused-password.js';

const FIRST_RETRY_MILLISECONDS = 100;
const LAST_RETRY_MILLISECONDS = 2_000;
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

  constructor(
    private readonly dataSource: DataSource,
    health: Pick<HealthRegistry, 'register'>,
    private readonly logger: Logger,
    name = 'database',
  ) {
    health.register(name, () => this.#health());
  }

  onApplicationBootstrap(): void {
    this.#connecting = this.#connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closed = true;
    await this.#connecting;
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  async #connect(): Promise<void> {
    let pause = FIRST_RETRY_MILLISECONDS;
    while (!this.#closed) {
      try {
        if (!this.dataSource.isInitialized) await this.dataSource.initialize();
        await this.#migrate();
        this.#ready = true;
        this.#settleReady();
        return;
      } catch (err) {
        this.logger.warn({ err }, whyNotReady(err));
        await new Promise((resolve) => setTimeout(resolve, pause));
        pause = Math.min(pause * 2, LAST_RETRY_MILLISECONDS);
      }
    }
  }

  /** The lock belongs to the connection: a replica that dies gives it back. */
  async #migrate(): Promise<void> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
      await this.dataSource.runMigrations({ transaction: 'each' });
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {
        // The connection is gone, and the lock with it.
      });
      await runner.release();
    }
  }

  async #health() {
    if (!this.#ready) return { ready: false, detail: 'not connected or not migrated yet' };
    try {
      await this.dataSource.query('SELECT 1');
      return { ready: true };
    } catch (err) {
      this.logger.warn({ err }, 'database does not answer');
      return { ready: false, detail: 'does not answer' };
    }
  }
}
