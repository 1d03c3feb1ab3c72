type Query = (sql: string, parameters?: unknown[]) => Promise<unknown>;

/**
 * The process ids of the connections that wait for a lock of another one. Names the holder, because other
 * databases of the server and the service's background work wait for locks, too.
 *
 * @param holder a process id; defaults to the connection that runs the query
 */
export async function waitingFor(query: Query, holder?: number): Promise<number[]> {
  // Not pg_stat_activity, which shows a transaction the same rows until it ends.
  const rows = (await query(
    `SELECT DISTINCT pid FROM pg_locks
     WHERE NOT granted AND coalesce($1::int, pg_backend_pid()) = ANY (pg_blocking_pids(pid))`,
    [holder ?? null],
  )) as { pid: number }[];
  return rows.map(({ pid }) => pid);
}
