import { createDataSource } from '@latchkey/service-kit';
import { startTestDatabase, type TestDatabase, type TestSchema } from '@latchkey/testing';
import { createHash } from 'node:crypto';
import { MIGRATIONS } from '../src/database.js';

const SCHEMA: TestSchema = {
  name: `auth_${createHash('sha256').update(MIGRATIONS.map(String).join()).digest('hex').slice(0, 16)}`,
  create: (url) => withDataSource(url, (source) => source.runMigrations()),
};

/** Creates a database that auth's migrations have run in, with a record of revocations of its own. */
export async function startAuthDatabase(): Promise<TestDatabase> {
  const database = await startTestDatabase(SCHEMA);
  await withDataSource(database.url, (source) =>
    source.query(
      'UPDATE revocation_stream SET epoch = gen_random_uuid(), record_id = gen_random_uuid()',
    ),
  );
  return database;
}

async function withDataSource(
  url: string,
  act: (source: ReturnType<typeof createDataSource>) => Promise<unknown>,
): Promise<void> {
  const source = await createDataSource({ url, migrations: MIGRATIONS, poolSize: 1 }).initialize();
  try {
    await act(source);
  } finally {
    await source.destroy();
  }
}
