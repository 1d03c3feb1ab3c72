import type { DataSource, QueryRunner } from 'typeorm';

/**
 * Which of two connections asks, in turn. Some ask twice in a row: a pooler that goes round its connections
 * then gives the same client another one, or both clients the same, however many it has, and also while
 * others take a steady number of turns between. Connections that only alternated would each find their own of two.
 */
const TURNS = [0, 0, 1, 1, 0, 1, 1, 0, 0, 1];

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
 * Behind a pooler in transaction mode, two connections that are open at once share connections of the
 * server. Postgres itself serves each connection by a process of its own.
 *
 * @throws TransactionPoolerError
 */
export async function refuseTransactionPooler(dataSource: DataSource): Promise<void> {
  const runners = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
  try {
    const backends = runners.map(() => new Set<number>());
    for (const turn of TURNS) backends[turn]!.add(await backendOf(runners[turn]!));
    const different = new Set(backends.flatMap((each) => [...each]));
    if (backends.some(({ size }) => size > 1) || different.size < runners.length)
      throw new TransactionPoolerError();
  } finally {
    for (const runner of runners) await runner.release();
  }
}

async function backendOf(runner: QueryRunner): Promise<number> {
  const [row] = (await runner.query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
  return row.pid;
}
