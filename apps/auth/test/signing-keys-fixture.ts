import { createDataSource } from '@latchkey/service-kit';
import { startTestDatabase, type TestDatabase } from '@latchkey/testing';
import type { DataSource } from 'typeorm';
import { SigningKeyEntity } from '../src/keys/signing-key.entity.js';
import { SigningKeys1700000001100 } from '../src/migrations/1700000001100-signing-keys.js';

/** Creates a database with the table of signing keys only. */
export async function startSigningKeysDatabase(): Promise<TestDatabase> {
  const database = await startTestDatabase();
  const dataSource = await connectToSigningKeys(database);
  await dataSource.runMigrations();
  await dataSource.destroy();
  return database;
}

/** Connections of one replica. */
export function connectToSigningKeys({ url }: TestDatabase): Promise<DataSource> {
  const migrations = [SigningKeys1700000001100];
  return createDataSource({ url, entities: [SigningKeyEntity], migrations }).initialize();
}
