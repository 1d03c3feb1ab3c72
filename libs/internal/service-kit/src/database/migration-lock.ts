import type { QueryRunner } from 'typeorm';
import { MIGRATION_LOCK } from './advisory-locks.js';

/**
 * Keeps the lock for another minute. Postgres frees it a minute after the last call, in case the replica's machine
 * is gone.
 *
 * `SET` takes no snapshot. With a snapshot, the holder would be an older transaction that `CREATE INDEX
 * CONCURRENTLY` waits for, while the holder waits for the index: a deadlock.
 */
export async function keepMigrationLock(holder: QueryRunner): Promise<void> {
  await holder.query("SET LOCAL idle_in_transaction_session_timeout = '60s'");
}

/**
 * Takes the lock until the transaction ends. Behind a transaction pooler a session is shared between clients, so
 * a session-level lock would not be exclusive. The lock has its own connection, because a migration may run
 * outside a transaction.
 *
 * The statement never waits and has no parameters: either would keep a snapshot open (see
 * {@link keepMigrationLock}).
 *
 * @returns false when another replica holds the lock
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
