import type { DataSource, EntityManager } from 'typeorm';

/**
 * Rows outlive their use by this much. A database clock that jumps ahead, or the clock of one machine,
 * must not have rows deleted that are needed once the clock is right again.
 */
export const HOUSEKEEPING_MARGIN_SECONDS = 3_600;

/** Rows of one table that time makes useless. */
export interface ExpiringRows {
  readonly table: string;
  /** When a row stopped mattering: an SQL expression with an index of its own, or every round reads the whole table. */
  readonly expiredAt: string;
  /** The type of that expression: `timestamptz`, or a `bigint` of seconds since 1970. */
  readonly type: 'timestamptz' | 'seconds';
  /** How long a row stays after that, beside {@link HOUSEKEEPING_MARGIN_SECONDS}. Default 0. */
  readonly keepSeconds?: number;
  /** How many rows one transaction deletes. Default 1,000; fewer where a row takes others with it. */
  readonly batchRows?: number;
}

const BATCH_ROWS = 1_000;
/** A backlog of one table must not keep the others waiting for longer than this many batches. */
const BATCHES_PER_ROUND = 100;
/** The first half of an advisory lock's key; the second stands for the rows. */
const HOUSEKEEPING_LOCKS = 52_826;

/**
 * Deletes a batch: `$1` how long rows stay, in seconds; `$2` this machine's time, in seconds since 1970.
 *
 * `clock_timestamp()` is volatile, so no index serves a comparison with it; `statement_timestamp()` is
 * stable. The earlier of two clocks counts, so that one clock alone cannot have a row deleted early.
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
 * Deletes in batches, for as long as no other replica does and `goOn` says so.
 *
 * @returns how many rows it deleted
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

/** The lock is the transaction's, because behind a transaction pooler a session's would be anybody's. */
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
