import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  ProcessGroup,
  startOwnPostgres,
  temporaryDirectory,
  type Postgres,
} from '@latchkey/local-stack';
import pg from 'pg';

/** A database for one test file. */
export interface TestDatabase {
  /** A superuser's URL. */
  readonly url: string;
  /** Closes all connections and drops the database. */
  drop(): Promise<void>;
}

/**
 * Creates an empty database on the Postgres server that Jest starts for the whole run.
 * @throws in unit tests, which have no server
 */
export async function startTestDatabase(): Promise<TestDatabase> {
  const serverUrl = process.env['LATCHKEY_TEST_POSTGRES_URL'];
  if (!serverUrl)
    throw new Error('There is no test Postgres in unit tests. Name the file *.int-spec.ts.');
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

/** A Postgres server for one test, which the test may break. */
export type TestPostgres = Postgres & {
  /** Ends the server and deletes its data. */
  close(): Promise<void>;
};

/**
 * Starts a Postgres server that a test can stop, kill and restart on the same port.
 * Committed data survives a crash of the server, but not of the machine.
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
