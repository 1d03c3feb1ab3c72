import { startTestDatabase, type TestDatabase } from '@latchkey/testing';
import type { DataSource, MigrationInterface } from 'typeorm';
import { createDataSource } from '../../src/index.js';
import { ObservedMigrations, type Tables } from './observed-migrations.suite.js';

export type { Tables };

/** The definition of everything that a migration creates. */
const SCHEMA = `
  SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL
  SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace
  UNION ALL
  SELECT attrelid::regclass || ' ' || attname, format_type(atttypid, atttypmod) FROM pg_attribute
  WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT indexrelid::regclass::text, 'invalid' FROM pg_index WHERE NOT indisvalid
  ORDER BY 1, 2`;

/** Every service promises that its migrations do not stop other replicas, and can run again. */
export function describeMigrations(
  migrations: readonly (new () => MigrationInterface)[],
  tables: Tables,
): void {
  describe('the migrations', () => {
    let database: TestDatabase;
    let source: DataSource;
    beforeEach(async () => {
      database = await startTestDatabase();
    });
    afterEach(async () => {
      await source.destroy();
      await database.drop();
    });
    const connect = async (classes: (new () => MigrationInterface)[]) => {
      source = await createDataSource({ url: database.url, migrations: classes }).initialize();
    };

    it('do not block writes to large tables', async () => {
      const observed = new ObservedMigrations(database.url, tables);
      await connect(migrations.map((migration) => observed.observe(migration)));
      await source.runMigrations();
      expect(observed.findings).toEqual([]);
      expect(await observed.unknownTables()).toEqual([]);
    });

    it('can run again if they stopped before they were recorded', async () => {
      await connect([...migrations]);
      await source.runMigrations();
      const schema = await source.query<object[]>(SCHEMA);
      const stoppable = migrations
        .map((Migration) => new Migration())
        .filter(({ transaction }) => transaction === false);
      for (const { name } of stoppable) {
        await source.query('DELETE FROM migrations WHERE name = $1', [name]);
        expect(await source.runMigrations()).toHaveLength(1);
        expect([name, await source.query(SCHEMA)]).toEqual([name, schema]);
      }
    });
  });
}
