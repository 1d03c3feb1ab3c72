import { startTestDatabase, type TestDatabase } from '@latchkey/testing';
import { DataSource } from 'typeorm';
import { SigningKeys1700000001100 } from '../src/migrations/1700000001100-signing-keys.js';

/** A database that has the table of signing keys and nothing else. */
export async function startSigningKeysDatabase(): Promise<TestDatabase> {
  const database = await startTestDatabase();
  const migrations = [SigningKeys1700000001100];
  const dataSource = new DataSource({ type: 'postgres', url: database.url, migrations });
  await dataSource.initialize();
  await dataSource.runMigrations();
  await dataSource.destroy();
  return database;
}
