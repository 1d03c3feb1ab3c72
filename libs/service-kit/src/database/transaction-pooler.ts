import type { DataSource, QueryRunner } from 'typeorm';

const ROUNDS = 3;

/** A pooler stands before the database that gives each transaction another connection. */
export class TransactionPoolerError extends Error {
  override readonly name = 'TransactionPoolerError';
  constructor() {
    super(
      'A pooler in transaction mode stands before the database, so settings and limits of a connection ' +
        'do not hold. Connect to Postgres itself, or set pool_mode = session.',
    );
  }
}

/**
 * Behind a pooler in transaction mode, two connections that are open at once take turns on one connection
 * of the server. Postgres itself serves each connection by a process of its own.
 *
 * @throws TransactionPoolerError
 */
export async function refuseTransactionPooler(dataSource: DataSource): Promise<void> {
  const runners = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
  try {
    const pairs = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, runner] of runners.entries())
        pairs.add(`${index} ${await backendOf(runner)}`);
    }
    const backends = new Set([...pairs].map((pair) => pair.split(' ')[1]));
    if (pairs.size !== runners.length || backends.size !== runners.length)
      throw new TransactionPoolerError();
  } finally {
    for (const runner of runners) await runner.release();
  }
}

async function backendOf(runner: QueryRunner): Promise<number> {
  const [row] = (await runner.query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
  return row.pid;
}
