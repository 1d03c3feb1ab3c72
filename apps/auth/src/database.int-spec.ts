import { createDataSource } from '@latchkey/service-kit';
import { startTestDatabase } from '@latchkey/testing';
import { MIGRATIONS } from './database.js';

describe('the migrations', () => {
  it('can be taken back one by one, and run again', async () => {
    const database = await startTestDatabase();
    const source = createDataSource({ url: database.url, migrations: MIGRATIONS });
    await source.initialize();
    const relations = () =>
      source.query<object[]>(
        `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
         AND relkind IN ('r', 'v') AND relname <> 'migrations'`,
      );
    await source.runMigrations();
    const all = await relations();
    while ((await relations()).length > 0) await source.undoLastMigration();
    expect(await source.query('SELECT FROM migrations')).toEqual([]);
    await source.runMigrations();
    expect(await relations()).toEqual(expect.arrayContaining(all));
    await source.destroy();
    await database.drop();
  });
});
