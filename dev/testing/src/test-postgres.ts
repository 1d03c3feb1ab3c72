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

/** A schema that many test files need. Running all migrations for each of them would take most of their time. */
export interface TestSchema {
  /** A word. Another version of the schema needs another one. */
  readonly name: string;
  /** Creates the schema in an empty database, and closes its connections. */
  readonly create: (url: string) => Promise<void>;
}

/**
 * Creates a database on the Postgres server that Jest starts for the whole run: an empty one, or a copy of the
 * schema, which is created once per server.
 * @throws in unit tests, which have no server
 */
export async function startTestDatabase(schema?: TestSchema): Promise<TestDatabase> {
  const serverUrl = process.env['LATCHKEY_TEST_POSTGRES_URL'];
  if (!serverUrl)
    throw new Error('There is no test Postgres in unit tests. Name the file *.int-spec.ts.');
  const name = `test_${randomBytes(8).toString('hex')}`;
  const template = schema ? await templateOf(serverUrl, schema) : 'template1';
  await connected(serverUrl, (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`),
  );
  return {
    url: databaseUrl(serverUrl, name),
    drop: () => connected(serverUrl, (client) => dropDatabase(client, name)),
  };
}

/** Several workers may ask for the template at the same time. It gets its name when it is complete. */
function templateOf(serverUrl: string, { name, create }: TestSchema): Promise<string> {
  const template = `template_${name}`;
  return connected(serverUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [template]);
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [template]);
    if (found.rowCount === 1) return template;
    const draft = `${template}_draft`;
    await dropDatabase(client, draft);
    await client.query(`CREATE DATABASE ${draft}`);
    await create(databaseUrl(serverUrl, draft));
    await client.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
    return template;
  });
}

async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function connected<T>(
  connectionString: string,
  act: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await act(client);
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
