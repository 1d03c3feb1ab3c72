import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Statements queue behind a pending lock request. If a long transaction blocks a migration, the migration gives
 * up soon and is retried, so that the services do not stand still meanwhile.
 */
const LOCK_SECONDS = 3;
/** With the statement timeout of requests, a long migration would fail every time. */
const STATEMENT_SECONDS = 3_600;
/** A migration holds locks, which a process that hangs must lose. */
const IDLE_SECONDS = 10;

/** A running migration and the Postgres process that executes it. */
export interface RunningMigration {
  readonly name: string;
  readonly pid: number;
  /** A migration outside a transaction has no time limits, because it blocks no other statement. */
  readonly inTransaction: boolean;
}

/**
 * Sets a migration's time limits, and reports when it starts.
 *
 * @param migration its `up` is replaced, so it must not be shared
 */
export function limitMigration(
  migration: MigrationInterface,
  onStart: (running: RunningMigration) => void,
): void {
  const up = migration.up.bind(migration);
  migration.up = async (runner) => {
    const inTransaction = runner.isTransactionActive;
    await runner.query(inTransaction ? LIMITS : NO_LIMITS);
    onStart({ name: migration.name ?? '', pid: await pidOf(runner), inTransaction });
    await up(runner);
  };
}

/** `SET LOCAL` ends with the transaction, so a pooler does not pass the settings on to other clients. */
const LIMITS = `
  SET LOCAL lock_timeout = '${LOCK_SECONDS}s';
  SET LOCAL statement_timeout = '${STATEMENT_SECONDS}s';
  SET LOCAL idle_in_transaction_session_timeout = '${IDLE_SECONDS}s'`;

/**
 * `CREATE INDEX CONCURRENTLY` waits for every older transaction without blocking any. A time limit would make it
 * leave an invalid index behind. If no limit is set, as behind a pooler, this changes nothing.
 */
const NO_LIMITS = `
  SELECT set_config(name, '0', false) FROM pg_settings
  WHERE name IN ('lock_timeout', 'statement_timeout') AND setting <> '0'`;

async function pidOf(runner: QueryRunner): Promise<number> {
  const rows = (await runner.query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
  return rows[0].pid;
}
