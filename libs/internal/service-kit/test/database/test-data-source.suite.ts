import { startTestDatabase } from '@latchkey/testing';
import type { DataSource } from 'typeorm';
import { createDataSource, type DatabaseOptions } from '../../src/index.js';

/** A database of its own, with the connections of a service. */
export interface TestDataSource {
  readonly url: string;
  readonly source: DataSource;
  /** Disconnects, and drops the database. */
  close(): Promise<void>;
}

/** Creates a database, connects to it, and runs the migrations. */
export async function startTestDataSource(
  options: Omit<DatabaseOptions, 'url'>,
): Promise<TestDataSource> {
  const database = await startTestDatabase();
  const { url } = database;
  const source = await createDataSource({ url, ...options }).initialize();
  await source.runMigrations();
  return {
    url,
    source,
    close: async () => {
      await source.destroy();
      await database.drop();
    },
  };
}
