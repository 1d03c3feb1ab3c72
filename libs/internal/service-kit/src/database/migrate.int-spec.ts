import { startTestDatabase, waitFor, type TestDatabase } from '@latchkey/testing';
import { pino } from 'pino';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import {
  createDataSource,
  createIndexConcurrently,
  DatabaseConnector,
  replaceIndexConcurrently,
  type DatabaseOptions,
} from '../index.js';

const LOCK_KEY = 52_824_539;
/** Shorter than the migrations of these tests take. */
const SERVICE_SECONDS = 0.5;

/** What a migration's `up` does in addition to inserting a row for each run. */
function migration(number: number, statement: string, transaction?: false) {
  const name = `Step170000000000${number}`;
  return class implements MigrationInterface {
    readonly name = name;
    readonly transaction = transaction!;
    async up(runner: QueryRunner): Promise<void> {
      await runner.query(`INSERT INTO runs (name) VALUES ('${name}')`);
      await runner.query(statement);
    }
    down = () => Promise.resolve();
  };
}

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly migration?: string;
  readonly blockedBy?: readonly { readonly pid: number; readonly application: string }[];
}

describe('migrations', () => {
  let database: TestDatabase;
  let outside: DataSource;
  let connectors: DatabaseConnector[];
  let lines: Line[];
  beforeEach(async () => {
    connectors = [];
    lines = [];
    database = await startTestDatabase();
    outside = createDataSource({ url: database.url, migrations: [] });
    await outside.initialize();
    await outside.query('CREATE TABLE runs (name text)');
    await outside.query('CREATE TABLE things (id int)');
  });
  afterEach(async () => {
    await Promise.all(connectors.map((connector) => connector.onApplicationShutdown()));
    await outside.destroy();
    await database.drop();
  });

  function connect(migrations: DatabaseOptions['migrations']): DatabaseConnector {
    const source = createDataSource({
      url: database.url,
      migrations,
      statementTimeoutSeconds: SERVICE_SECONDS,
    });
    const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line) as Line) });
    const connector = new DatabaseConnector(source, { register: () => undefined }, logger);
    connectors.push(connector);
    connector.onApplicationBootstrap();
    return connector;
  }
  const runs = async () =>
    (await outside.query<{ name: string }[]>('SELECT name FROM runs ORDER BY name')).map(
      ({ name }) => name,
    );
  const said = (phrase: string) => lines.filter(({ msg }) => msg.includes(phrase));

  it.each([
    ['in a transaction', undefined],
    ['outside of one', false],
  ] as const)('may take longer than a request: %s', async (_, transaction) => {
    await connect([migration(1, `SELECT pg_sleep(${SERVICE_SECONDS * 3})`, transaction)]).ready;
    expect(await runs()).toEqual(['Step1700000000001']);
  });

  it('give up if they do not get a lock, log what blocks them, and are retried', async () => {
    const reporter = outside.createQueryRunner();
    await reporter.startTransaction();
    await reporter.query(`SET LOCAL application_name = 'report'`);
    await reporter.query('LOCK TABLE things IN ACCESS SHARE MODE');
    const [{ pid }] = (await reporter.query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
    const connector = connect([migration(1, 'ALTER TABLE things ADD COLUMN name text')]);
    await waitFor(() => said('gave up').length > 0, { timeoutMs: 20_000 });
    const [{ migration: name, blockedBy }] = said('gave up') as [Line];
    expect(name).toBe('Step1700000000001');
    expect(blockedBy).toMatchObject([{ pid, application: 'report' }]);
    await reporter.rollbackTransaction();
    await reporter.release();
    await connector.ready;
    // The failed attempt rolled its row back.
    expect(await runs()).toEqual(['Step1700000000001']);
  });

  it('run on one of the replicas that start together, in a transaction or not', async () => {
    const steps = [
      migration(1, 'ALTER TABLE things ADD COLUMN name text'),
      migration(2, 'SELECT pg_sleep(1)', false),
      migration(3, 'CREATE INDEX CONCURRENTLY things_id ON things (id)', false),
      migration(4, 'SELECT pg_sleep(1)'),
    ];
    await Promise.all([1, 2, 3].map(() => connect(steps).ready));
    expect(await runs()).toEqual([1, 2, 3, 4].map((number) => `Step170000000000${number}`));
    expect(said('another replica').length).toBeGreaterThan(0);
    // Behind a transaction pooler, a session-level lock would not be exclusive.
    // Tests in other databases of the server hold advisory locks of their own.
    const held = await outside.query<unknown[]>(
      `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
       WHERE datname = current_database() AND locktype = 'advisory'`,
    );
    expect(held).toEqual([]);
  });

  it('wait for a replica of the previous release, which uses a session-level lock', async () => {
    const previous = outside.createQueryRunner();
    await previous.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    const connector = connect([migration(1, 'SELECT 1')]);
    await waitFor(() => said('another replica').length > 0);
    expect(await runs()).toEqual([]);
    await previous.query('SELECT pg_advisory_unlock($1)', [LOCK_KEY]);
    await previous.release();
    await connector.ready;
    expect(await runs()).toHaveLength(1);
  });

  it('do not delay a replica that has nothing to migrate', async () => {
    const steps = [migration(1, 'SELECT 1')];
    await connect(steps).ready;
    await outside.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
      await connect(steps).ready;
    });
    expect(await runs()).toHaveLength(1);
  });

  it('are cancelled when the service closes, and run by the next one', async () => {
    const slow = [migration(1, `SELECT pg_sleep(count(*) * 300) FROM things`)];
    await outside.query('INSERT INTO things VALUES (1)');
    const connector = connect(slow);
    await waitFor(async () => {
      const active = `SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(count%'`;
      return (await outside.query<unknown[]>(active)).length > 0;
    });
    await connector.onApplicationShutdown();
    expect(await runs()).toEqual([]);
    await outside.query('DELETE FROM things');
    await connect(slow).ready;
    expect(await runs()).toHaveLength(1);
  });

  it('replace an invalid index that an earlier attempt left behind', async () => {
    await outside.query('INSERT INTO things VALUES (1), (1)');
    const unique = 'CREATE UNIQUE INDEX CONCURRENTLY things_id ON things (id)';
    await expect(outside.query(unique)).rejects.toThrow('could not create unique index');
    const valid = `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'things_id'::regclass`;
    expect(await outside.query(valid)).toEqual([{ valid: false }]);
    const runner = outside.createQueryRunner();
    for (const attempt of [1, 2]) {
      await createIndexConcurrently(runner, 'things_id', 'things (id)');
      expect([attempt, await outside.query(valid)]).toEqual([attempt, [{ valid: true }]]);
    }
    await runner.release();
  });

  describe('an index that is replaced', () => {
    const OLD = 'CREATE INDEX things_id ON things (id) WHERE id > 0';
    const NEW = 'CREATE INDEX things_id_new ON things (id)';
    const invalidate = (name: string) =>
      `UPDATE pg_index SET indisvalid = false WHERE indexrelid = '${name}'::regclass`;

    it.each([
      ['nothing has been done', [OLD]],
      ['there was none', []],
      ['the new one was not finished', [OLD, NEW, invalidate('things_id_new')]],
      ['the old one was not dropped', [OLD, NEW]],
      ['the old one was dropped in part', [OLD, NEW, invalidate('things_id')]],
      ['the new one has not got its name', [NEW]],
      ['all was done and not noted', ['CREATE INDEX things_id ON things (id)']],
    ])('is there where %s', async (_, statements) => {
      for (const statement of statements) await outside.query(statement);
      const runner = outside.createQueryRunner();
      await replaceIndexConcurrently(runner, 'things_id', 'things (id)');
      await runner.release();
      const indexes = await outside.query<object[]>(
        `SELECT pg_get_indexdef(indexrelid) AS definition, indisvalid AS valid FROM pg_index
         WHERE indrelid = 'things'::regclass`,
      );
      const definition = 'CREATE INDEX things_id ON public.things USING btree (id)';
      expect(indexes).toEqual([{ definition, valid: true }]);
    });
  });
});
