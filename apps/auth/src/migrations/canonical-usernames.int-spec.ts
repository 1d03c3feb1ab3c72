import { startTestDatabase, type TestDatabase } from '@latchkey/testing';
import { DataSource, type MigrationInterface } from 'typeorm';
import { Accounts1700000000100 } from './1700000000100-accounts.js';
import { CanonicalUsernames1700000002100 } from './1700000002100-canonical-usernames.js';

describe('the migration to folded user names', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeEach(async () => {
    database = await startTestDatabase();
    dataSource = new DataSource({ type: 'postgres', url: database.url, migrations: [] });
    await dataSource.initialize();
    await run(new Accounts1700000000100());
  });
  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const run = async (migration: MigrationInterface) => {
    const runner = dataSource.createQueryRunner();
    await migration.up(runner).finally(() => runner.release());
  };
  const store = async (...names: string[]) => {
    for (const name of names)
      await dataSource.query(
        `INSERT INTO users (username, password_hash, scope) VALUES ($1, 'x', 'x')`,
        [name],
      );
  };
  const names = async () =>
    (await dataSource.query<{ username: string }[]>('SELECT username FROM users ORDER BY id')).map(
      ({ username }) => username,
    );

  it('renames only the names that fold differently, and can be run again', async () => {
    await store('ada', 'νίκος', 'straße', 'josé', '李明华', 'adı');
    for (let round = 0; round < 2; round += 1) {
      await run(new CanonicalUsernames1700000002100());
      expect((await names()).sort()).toEqual(
        ['ada', 'νίκοσ', 'strasse', 'josé', '李明华', 'adı'].sort(),
      );
    }
  });

  it.each([
    ['one has the name already', ['straße', 'strasse']],
    ['both are renamed', ['straßeß', 'strasseß']],
    ['only a sigma differs', ['νίκος', 'νίκοσ']],
  ])('changes nothing and says what to do if %s', async (_, both) => {
    await store('ada', 'größe', ...both);
    const before = await names();
    await expect(run(new CanonicalUsernames1700000002100())).rejects.toThrow(
      /the same name but for its spelling: [-0-9a-f]{36} = [-0-9a-f]{36}\. Give all but one/,
    );
    expect(await names()).toEqual(before);
  });
});
