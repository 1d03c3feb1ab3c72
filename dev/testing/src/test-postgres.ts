import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  ProcessGroup,
  startOwnPostgres,
  temporaryDirectory,
  type Postgres,
} from '@latchkey/local-stack';
import pg from 'pg';

/** A database that belongs to one test file. */
export interface TestDatabase {
  /** A superuser's connection URL. */
  readonly url: string;
  /** Cuts whoever is connected and removes the database. */
  drop(): Promise<void>;
}

/**
 * A fresh, empty database on the Postgres that jest started for the whole run.
 * @throws in a run without it: name the file `*.int-spec.ts`.
 */
export async function startTestDatabase(): Promise<TestDatabase> {
  const serverUrl = process.env['LATCHKEY_TEST_POSTGRES_URL'];
  if (!serverUrl)
    throw new Error('no test Postgres: only *.int-spec.ts and *.e2e-spec.ts have one');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => execute(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function execute(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A Postgres server of a test's own, for tests in which it dies. */
export type TestPostgres = Postgres & {
  /** Ends the server and removes its data. */
  close(): Promise<void>;
};

/**
 * A new Postgres server that can be stopped, killed and restarted, on the same port.
 * Its writes survive its own death, not that of the machine.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const processes = new ProcessGroup();
  try {
    const dataDirectory = join(temporaryDirectory(processes), 'postgres');
    const password = randomBytes(16).toString('hex');
    const postgres = await startOwnPostgres({ processes, dataDirectory, password, durable: false });
    return { ...postgres, close: () => processes.close() };
  } catch (error) {
    await processes.close();
    throw error;
  }
}
