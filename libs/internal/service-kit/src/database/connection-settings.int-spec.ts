import { startTestDatabase, type TestDatabase } from '@latchkey/testing';
import type { DataSource } from 'typeorm';
import { connectionSettings } from './connection-settings.js';
import { createDataSource } from './database.module.js';

/** Defaults of a database that would break a service. */
const HOSTILE: Readonly<Record<keyof ReturnType<typeof connectionSettings>, string>> = {
  DateStyle: 'German, DMY',
  IntervalStyle: 'sql_standard',
  TimeZone: 'Asia/Kathmandu',
  client_encoding: 'LATIN1',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  array_nulls: 'off',
  standard_conforming_strings: 'off',
  transform_null_equals: 'on',
  search_path: 'nowhere',
  row_security: 'off',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
  default_transaction_deferrable: 'on',
  statement_timeout: '200ms',
  idle_in_transaction_session_timeout: '1ms',
  lock_timeout: '1ms',
  transaction_timeout: '500ms',
  idle_session_timeout: '500ms',
};

describe('a connection', () => {
  let database: TestDatabase;
  let source: DataSource;
  const connect = (url: string) =>
    createDataSource({ url, migrations: [], statementTimeoutSeconds: 7 }).initialize();
  const show = async (name: string) => {
    const [row] = await source.query<[{ value: string }]>(
      'SELECT setting AS value FROM pg_settings WHERE name = $1',
      [name],
    );
    return row.value;
  };

  beforeAll(async () => {
    database = await startTestDatabase();
    const before = await connect(database.url);
    const name = new URL(database.url).pathname.slice(1);
    for (const [setting, value] of Object.entries({ ...HOSTILE, synchronous_commit: 'off' }))
      await before.query(`ALTER DATABASE ${name} SET ${setting} = '${value}'`);
    await before.destroy();
    source = await connect(database.url);
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  it.each(Object.entries(connectionSettings({ statementMilliseconds: 7_000 })))(
    'sets %s = %s regardless of the default of its database',
    async (name, value) => {
      expect(await show(name)).toBe(value);
    },
  );

  it('waits until its commits are on disk', async () => {
    expect(await show('synchronous_commit')).toBe('on');
  });

  it('keeps a stronger commit setting', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await source.query(`ALTER DATABASE ${name} SET synchronous_commit = 'remote_apply'`);
    const other = await connect(database.url);
    const [row] = await other.query<[object]>('SHOW synchronous_commit');
    await other.destroy();
    expect(row).toEqual({ synchronous_commit: 'remote_apply' });
  });
});
