import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A request for a lock keeps everybody waiting who comes after it, so a migration gives up soon and is
 * tried again: a transaction that is in its way may take long, the services must not stand still for it.
 */
export const LOCK_SECONDS = 3;
/** How long one statement of a migration may take: a service's own limit would make a long one fail for ever. */
const STATEMENT_SECONDS = 3_600;
/** A migration holds locks; a process that stands still must not. */
const IDLE_SECONDS = 10;

/** A migration that runs, and the connection that it runs on. */
export interface RunningMigration {
  readonly name: string;
  readonly pid: number;
  /** One that is not in a transaction has no limits, and waits in nobody's way. */
  readonly inTransaction: boolean;
}

/**
 * Gives a migration limits of its own, and tells when it begins.
 *
 * @param migration an instance of ours alone, because its `up` is replaced
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

/** For one transaction, so that nothing of it stays with a connection that a pooler gives to others. */
const LIMITS = `
  SET LOCAL lock_timeout = '${LOCK_SECONDS}s';
  SET LOCAL statement_timeout = '${STATEMENT_SECONDS}s';
  SET LOCAL idle_in_transaction_session_timeout = '${IDLE_SECONDS}s'`;

/**
 * `CREATE INDEX CONCURRENTLY` waits for every older transaction, and blocks none meanwhile. With a limit
 * it would leave an invalid index behind. Changes nothing where no limit is set, as behind a pooler.
 */
const NO_LIMITS = `
  SELECT set_config(name, '0', false) FROM pg_settings
  WHERE name IN ('lock_timeout', 'statement_timeout') AND setting <> '0'`;

async function pidOf(runner: QueryRunner): Promise<number> {
  const rows = (await runner.query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
  return rows[0].pid;
}
