import { startTestDatabase, type TestDatabase } from '@latchkey/testing';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { createDataSource } from '../index.js';
import { ObservedMigrations } from '../../test/database/observed-migrations.suite.js';

const NAME = 'Step1700000000001';
const TABLES = {
  growing: {
    things: 'INSERT INTO things SELECT n FROM generate_series(1, $1::int) AS n',
    parts: 'INSERT INTO parts SELECT n, n FROM generate_series(1, $1::int) AS n',
  },
  small: ['settings'],
};

function migration(statements: readonly string[], transaction?: false) {
  return class implements MigrationInterface {
    readonly name = NAME;
    readonly transaction = transaction!;
    async up(runner: QueryRunner): Promise<void> {
      for (const statement of statements) await runner.query(statement);
    }
    down = () => Promise.resolve();
  };
}

describe('observed migrations', () => {
  let database: TestDatabase;
  let outside: DataSource;
  beforeEach(async () => {
    database = await startTestDatabase();
    outside = await createDataSource({ url: database.url, migrations: [] }).initialize();
    await outside.query('CREATE TABLE things (id int PRIMARY KEY)');
    await outside.query('CREATE TABLE parts (id int, thing int)');
    await outside.query('CREATE TABLE settings (id int)');
  });
  afterEach(async () => {
    await outside.destroy();
    await database.drop();
  });

  async function findingsOf(statements: readonly string[], transaction?: false) {
    const observed = new ObservedMigrations(database.url, TABLES);
    const migrations = [observed.observe(migration(statements, transaction))];
    const source = await createDataSource({ url: database.url, migrations }).initialize();
    await source.runMigrations();
    await source.destroy();
    return observed.findings;
  }

  const INDEX = 'CREATE INDEX things_id ON things (id)';
  const CHECK = 'ALTER TABLE parts ADD CONSTRAINT positive CHECK (id > 0)';

  it.each([
    ['an index', [INDEX], /things with ShareLock on things/],
    [
      'a unique column',
      ['ALTER TABLE things ADD UNIQUE (id)'],
      /things with .*AccessExclusiveLock/,
    ],
    ['a check', [CHECK], /parts with AccessExclusiveLock on parts/],
    [
      'a check that is made and validated in one transaction',
      [`${CHECK} NOT VALID`, 'ALTER TABLE parts VALIDATE CONSTRAINT positive'],
      /parts with AccessExclusiveLock on parts/,
    ],
    ['NOT NULL', ['ALTER TABLE parts ALTER COLUMN id SET NOT NULL'], /parts with AccessExclusive/],
    [
      'a foreign key',
      ['ALTER TABLE parts ADD FOREIGN KEY (thing) REFERENCES things'],
      /parts with ShareRowExclusiveLock on parts, ShareRowExclusiveLock on things/,
    ],
    [
      'a column that rewrites its table',
      ['ALTER TABLE parts ADD COLUMN made timestamptz DEFAULT clock_timestamp()'],
      /parts with AccessExclusiveLock on parts/,
    ],
    [
      'the lock of a small table during a long reading',
      ['ALTER TABLE settings ADD COLUMN name text', 'SELECT count(thing) FROM parts'],
      /parts with AccessExclusiveLock on settings/,
    ],
    ['many rows at once', ['UPDATE parts SET thing = 0'], /writes 1200 rows of parts in one/],
  ])('finds %s', async (_, statements, expected) => {
    const found = expect.stringMatching(expected) as string;
    expect(await findingsOf(statements)).toContainEqual(found);
  });

  it.each([
    ['an index', INDEX, /things with ShareLock on things/],
    ['a check', CHECK, /parts with AccessExclusiveLock on parts/],
    ['many rows at once', 'DELETE FROM parts', /writes 1200 rows of parts in one/],
  ])('finds %s outside a transaction', async (_, statement, expected) => {
    const found = expect.stringMatching(expected) as string;
    expect(await findingsOf([statement], false)).toEqual([found]);
  });

  it.each<[string, string[], false | undefined]>([
    [
      'a new table with its index',
      ['CREATE TABLE more (id int)', 'CREATE INDEX ON more (id)'],
      undefined,
    ],
    ['a column', ['ALTER TABLE parts ADD COLUMN name text NOT NULL DEFAULT 0'], undefined],
    ['a check of new rows', [`${CHECK} NOT VALID`], undefined],
    ['an index made concurrently', [INDEX.replace('INDEX', 'INDEX CONCURRENTLY')], false],
    [
      'a check that is validated in a separate transaction',
      [`${CHECK} NOT VALID`, 'ALTER TABLE parts VALIDATE CONSTRAINT positive'],
      false,
    ],
    ['a small table that is rewritten', ['ALTER TABLE settings ALTER id TYPE bigint'], undefined],
  ])('lets %s pass', async (_, statements, transaction) => {
    expect(await findingsOf(statements, transaction)).toEqual([]);
  });

  it('names tables that are not listed', async () => {
    const observed = new ObservedMigrations(database.url, { growing: {}, small: ['things'] });
    expect((await observed.unknownTables()).sort()).toEqual(['parts', 'settings']);
  });
});
