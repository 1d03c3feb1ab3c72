import type { DataSource, QueryRunner } from 'typeorm';

/**
 * The order in which two connections ask for their server process. A round-robin pooler with two server connections
 * would give each of two alternating clients the same one every time. Asking twice in a row exposes it, also with
 * more server connections or other clients in between.
 */
const TURNS = [0, 0, 1, 1, 0, 1, 1, 0, 0, 1];

/** The database is behind a pooler in transaction mode. */
export class TransactionPoolerError extends Error {
  override readonly name = 'TransactionPoolerError';
  constructor() {
    super(
      'The database is behind a pooler in transaction mode, where the settings and limits of a connection do ' +
        'not last. Connect to Postgres directly, or set pool_mode = session.',
    );
  }
}

/**
 * Postgres serves each connection with its own process. Behind a pooler in transaction mode, two open connections
 * share server processes.
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
