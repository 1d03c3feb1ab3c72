import { createDataSource } from '@latchkey/service-kit';
import { startTestDatabase, type TestDatabase } from '@latchkey/testing';
import type { DataSource } from 'typeorm';
import { StoredSessionEntity } from './stored-session.entity.js';
import { StoredSessions1700000006100 } from './stored-sessions.migration.js';

describe('StoredSessionEntity', () => {
  let database: TestDatabase;
  let source: DataSource;
  beforeAll(async () => {
    database = await startTestDatabase();
    source = createDataSource({
      url: database.url,
      entities: [StoredSessionEntity],
      migrations: [StoredSessions1700000006100],
    });
    await source.initialize();
    await source.runMigrations();
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  /** The statements that `migration:generate` would write. */
  const missing = async () => {
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  };

  it('agrees with the migration', async () => {
    expect(await missing()).toEqual([]);
  });

  it('no longer agrees once the table changes', async () => {
    await source.query('ALTER TABLE stored_sessions ADD COLUMN surplus integer');
    expect(await missing()).toEqual([expect.stringContaining('DROP COLUMN "surplus"')]);
  });
});
