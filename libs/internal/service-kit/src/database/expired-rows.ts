import type { DataSource, EntityManager } from 'typeorm';
import { HOUSEKEEPING_LOCKS } from './advisory-locks.js';

/**
 * Rows are kept this long after they expire, so that a clock that runs ahead for a while does not delete rows
 * that are still needed.
 */
export const HOUSEKEEPING_MARGIN_SECONDS = 3_600;

/** Rows of one table that expire. */
export interface ExpiringRows {
  readonly table: string;
  /** When a row expires: an SQL expression. It needs its own index, or every round scans the table. */
  readonly expiredAt: string;
  /** The type of `expiredAt`: `timestamptz`, or a `bigint` of seconds since 1970. */
  readonly type: 'timestamptz' | 'seconds';
  /** How long an expired row is kept, in addition to {@link HOUSEKEEPING_MARGIN_SECONDS}. Default 0. */
  readonly keepSeconds?: number;
  /** The most rows that one transaction deletes. Default 1,000; use fewer if deletes cascade. */
  readonly batchRows?: number;
}

const BATCH_ROWS = 1_000;
/** Limits how long a backlog in one table delays the others. */
const BATCHES_PER_ROUND = 100;

/**
 * The statement that deletes a batch. `$1` is how long rows are kept, in seconds; `$2` is this machine's time, in
 * seconds since 1970.
 *
 * `statement_timestamp()` is stable, so an index can be used; `clock_timestamp()` is volatile. The earlier
 * of the two clocks counts, so that one wrong clock alone cannot delete a row too early.
 */
export function deletionOf({
  table,
  expiredAt,
  type,
  batchRows = BATCH_ROWS,
}: ExpiringRows): string {
  const cutOff = 'least(statement_timestamp(), to_timestamp($2)) - make_interval(secs => $1)';
  const limit = type === 'seconds' ? `floor(extract(epoch FROM ${cutOff}))::bigint` : cutOff;
  return `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${table} WHERE ${expiredAt} < ${limit}
    ORDER BY ${expiredAt} LIMIT ${batchRows} FOR UPDATE SKIP LOCKED))`;
}

export function deletionParametersOf({ keepSeconds = 0 }: ExpiringRows): [number, number] {
  return [keepSeconds + HOUSEKEEPING_MARGIN_SECONDS, Date.now() / 1_000];
}

/**
 * Deletes expired rows in batches, while `goOn` returns true and no other replica is deleting them.
 *
 * @returns the number of deleted rows
 */
export async function deleteExpired(
  dataSource: DataSource,
  rows: ExpiringRows,
  goOn: () => boolean = () => true,
): Promise<number> {
  const { batchRows = BATCH_ROWS } = rows;
  let total = 0;
  for (let batch = 0; batch < BATCHES_PER_ROUND && goOn(); batch++) {
    const deleted = await dataSource.transaction((manager) => deleteBatch(manager, rows));
    total += deleted;
    if (deleted < batchRows) break;
  }
  return total;
}

/** Uses a transaction-level lock, because behind a transaction pooler a session is shared between clients. */
async function deleteBatch(manager: EntityManager, rows: ExpiringRows): Promise<number> {
  const [{ mine }] = await manager.query<[{ mine: boolean }]>(
    'SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS mine',
    [HOUSEKEEPING_LOCKS, `${rows.table} ${rows.expiredAt}`],
  );
  if (!mine) return 0;
  const [, deleted] = await manager.query<[unknown, number]>(
    deletionOf(rows),
    deletionParametersOf(rows),
  );
  return deleted;
}
