import type { QueryRunner } from 'typeorm';

/** Any number that all replicas share; "latchkey" on a telephone keypad. */
const MIGRATION_LOCK = 52_824_539;
/**
 * Keeps the lock, and has it freed a minute after the last call: a replica whose machine is gone must not
 * hold it. A `SET` takes no snapshot. With one, the holder would be an older transaction to
 * `CREATE INDEX CONCURRENTLY`, which waits until such have ended: for ever, since the holder waits for it.
 */
export async function keepMigrationLock(holder: QueryRunner): Promise<void> {
  await holder.query("SET LOCAL idle_in_transaction_session_timeout = '60s'");
}

/**
 * Takes the lock until the transaction ends. A transaction's lock rather than a session's, because
 * behind a transaction pooler a session is anybody's; on a connection of its own, because a migration
 * may have no transaction. It never waits, or it were such an older transaction itself. The statement has
 * no parameters, because one with parameters keeps its snapshot until the next one.
 *
 * @returns false when another replica has it
 */
export async function tryMigrationLock(holder: QueryRunner): Promise<boolean> {
  await holder.startTransaction();
  await keepMigrationLock(holder);
  const [{ mine }] = (await holder.query(
    `SELECT pg_try_advisory_xact_lock(${MIGRATION_LOCK}) AS mine`,
  )) as [{ mine: boolean }];
  if (!mine) await holder.rollbackTransaction();
  return mine;
}
