import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { DataSource, QueryRunner } from 'typeorm';
import type { RunningMigration } from './migration-limits.js';
import { keepMigrationLock } from './migration-lock.js';

/** A Postgres process that a migration waits for. */
interface Blocker {
  readonly pid: number;
  readonly role: string | null;
  readonly application: string | null;
  readonly state: string | null;
  readonly transactionSeconds: number | null;
}

/** Well below the lock timeout, so that what blocks a migration is seen before it gives up. */
const LOOK_MILLISECONDS = 300;
const REPORT_MILLISECONDS = 10_000;

/**
 * Watches a migration from another connection: keeps its lock, finds out what blocks it, and cancels it when the
 * service closes.
 */
export class MigrationWatch {
  #running: RunningMigration | undefined;
  #blockers: readonly Blocker[] = [];
  #reported = -Infinity;
  #ended = false;

  constructor(
    private readonly source: DataSource,
    private readonly holder: QueryRunner,
    private readonly logger: Logger,
    private readonly closing: AbortSignal,
  ) {}

  /** Call it when a migration starts. */
  readonly started = (running: RunningMigration): void => {
    this.logger.info({ migration: running.name }, 'migration started');
    this.#running = running;
    this.#blockers = [];
  };

  /** Watches while `work` runs. If it fails, logs what blocked it. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    const looking = this.#look();
    try {
      return await work;
    } catch (error) {
      if (this.#blockers.length > 0) this.#report('migration gave up, trying again');
      throw error;
    } finally {
      this.#ended = true;
      await looking;
    }
  }

  async #look(): Promise<void> {
    try {
      while (!this.#ended) {
        await keepMigrationLock(this.holder);
        if (this.#running) await this.#lookAt(this.#running);
        await delay(LOOK_MILLISECONDS);
      }
    } catch (err) {
      // The lock is lost with the connection, but the migration can finish: its record in the migrations table
      // keeps other replicas from running it again.
      this.logger.warn({ err }, 'migration is no longer watched');
    }
  }

  async #lookAt(running: RunningMigration): Promise<void> {
    if (this.closing.aborted)
      await this.source.query('SELECT pg_cancel_backend($1)', [running.pid]);
    const blockers = await this.source.query<Blocker[]>(
      `SELECT pid, usename AS role, application_name AS application, state,
              extract(epoch FROM clock_timestamp() - xact_start)::int AS "transactionSeconds"
       FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1))`,
      [running.pid],
    );
    if (blockers.length > 0) this.#blockers = blockers;
    const due = performance.now() - this.#reported > REPORT_MILLISECONDS;
    if (blockers.length > 0 && !running.inTransaction && due) this.#report('migration waits');
  }

  #report(message: string): void {
    this.#reported = performance.now();
    this.logger.warn({ migration: this.#running?.name, blockedBy: this.#blockers }, message);
  }
}
