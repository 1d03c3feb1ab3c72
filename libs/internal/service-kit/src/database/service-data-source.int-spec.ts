import { waitFor } from '@latchkey/testing';
import type { Connection, Pool, PoolClient } from 'pg';
import { Column, Entity, PrimaryColumn, type DataSource, type EntityManager } from 'typeorm';
import { createDataSource } from './database.module.js';
import { databaseTroubleOf } from './database-unavailable.js';
import { urgently } from './urgency.js';
import {
  startTestDataSource,
  type TestDataSource,
} from '../../test/database/test-data-source.suite.js';

@Entity('counters')
class CounterEntity {
  @PrimaryColumn({ type: 'text' })
  name!: string;

  @Column({ type: 'integer' })
  count!: number;
}

describe('ServiceDataSource', () => {
  let database: TestDataSource;
  let source: DataSource;
  beforeAll(async () => {
    database = await startTestDataSource({
      entities: [CounterEntity],
      migrations: [],
      poolSize: 4,
      urgentPoolSize: 1,
      connectTimeoutSeconds: 2,
    });
    ({ source } = database);
    await source.query('CREATE TABLE counters (name text PRIMARY KEY, count int NOT NULL)');
    await source.query(`INSERT INTO counters VALUES ('a', 0), ('b', 0)`);
  });
  afterAll(() => database.close());

  const add = (manager: EntityManager, name: string) =>
    manager.query('UPDATE counters SET count = count + 1 WHERE name = $1', [name]);
  const counts = async () => {
    const rows = await source.query<{ count: number }[]>(
      'SELECT count FROM counters ORDER BY name',
    );
    return rows.map(({ count }) => count);
  };

  it('retries a transaction that lost a deadlock', async () => {
    const before = await counts();
    let attempts = 0;
    let bothHold = () => undefined as void;
    const bothHeld = new Promise<void>((resolve) => (bothHold = resolve));
    const inOrder = (first: string, second: string) =>
      source.transaction(async (manager) => {
        attempts += 1;
        await add(manager, first);
        if (attempts === 2) bothHold();
        await bothHeld;
        await add(manager, second);
      });
    await Promise.all([inOrder('a', 'b'), inOrder('b', 'a')]);
    expect(attempts).toBe(3);
    expect(await counts()).toEqual(before.map((count) => count + 2));
  });

  it('retries a transaction that could not be serialized', async () => {
    const before = await counts();
    let attempts = 0;
    await source.transaction('SERIALIZABLE', async (manager) => {
      attempts += 1;
      const [row] = await manager.query<[{ count: number }]>(
        `SELECT count FROM counters WHERE name = 'a'`,
      );
      if (attempts === 1) await source.transaction((other) => add(other, 'a'));
      await manager.query(`UPDATE counters SET count = $1 WHERE name = 'a'`, [row.count + 1]);
    });
    expect(attempts).toBe(2);
    expect((await counts())[0]).toBe(before[0]! + 2);
  });

  it('retries a single statement, also of a repository, and gives up after a few tries', async () => {
    await source.query(`
      CREATE FUNCTION conflict() RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM nextval('attempts');
        RAISE EXCEPTION 'conflict' USING ERRCODE = 'serialization_failure';
      END $$`);
    await source.query('CREATE SEQUENCE attempts');
    await expect(source.query('SELECT conflict()')).rejects.toMatchObject({ code: '40001' });
    const [row] = await source.query<[{ last: string }]>('SELECT last_value AS last FROM attempts');
    expect(row.last).toBe('4');
    const conflicting = source
      .getRepository(CounterEntity)
      .createQueryBuilder()
      .where('conflict() IS NULL')
      .getMany();
    await expect(conflicting).rejects.toMatchObject({ code: '40001' });
    const [next] = await source.query<[{ last: string }]>(
      'SELECT last_value AS last FROM attempts',
    );
    expect(next.last).toBe('8');
  });

  it('does not retry an invalid statement', async () => {
    let attempts = 0;
    const wrong = source.transaction((manager) => {
      attempts += 1;
      return manager.query('SELECT nonsense');
    });
    await expect(wrong).rejects.toMatchObject({ code: '42703' });
    expect(attempts).toBe(1);
  });

  it('reports that all connections are in use, and reserves one for urgent work', async () => {
    const runners = Array.from({ length: 4 }, () => source.createQueryRunner());
    await Promise.all(runners.map((runner) => runner.connect()));
    try {
      const error: unknown = await source.query('SELECT 1').catch((cause: unknown) => cause);
      expect(databaseTroubleOf(error)).toBe('busy');
      expect(error).toMatchObject({
        name: 'PoolBusyError',
        message: expect.stringContaining('in use'),
      });
      expect(await urgently(() => source.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
      const viaTransaction = urgently(() =>
        source.transaction(async (manager) => {
          await add(manager, 'a');
          return manager.query<object[]>('SELECT 1 AS one');
        }),
      );
      expect(await viaTransaction).toEqual([{ one: 1 }]);
      const viaRepository = urgently(() =>
        source.getRepository(CounterEntity).countBy({ name: 'a' }),
      );
      expect(await viaRepository).toBe(1);
    } finally {
      for (const runner of runners) await runner.release();
    }
  });

  it('survives a server that dies while pg-pool hands a connection to TypeORM', async () => {
    const other = createDataSource({ url: database.url, migrations: [], poolSize: 1 });
    await other.initialize();
    const { master: pool } = other.driver as unknown as { master: Pool };
    const deathAtHandOver = async () => {
      // Node reports a broken socket before promises settle, so before TypeORM adds its listener.
      pool.once('acquire', (client: PoolClient & { connection?: Connection }) => {
        client.connection?.stream.destroy(new Error('read ECONNRESET'));
      });
      return other.query<unknown>('SELECT 1').catch((cause: unknown) => cause);
    };
    // The first connection was idle in the pool. The pool dropped it, so the second one is new.
    for (const connections of [1, 0]) {
      expect(pool.totalCount).toBe(connections);
      expect(await deathAtHandOver()).toBeInstanceOf(Error);
    }
    expect(await other.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await other.destroy();
  });

  it('closes all of its connections', async () => {
    const other = await createDataSource({
      url: database.url,
      migrations: [],
      urgentPoolSize: 2,
    }).initialize();
    await urgently(() => other.query(`SET application_name = 'urgent one'`));
    await other.destroy();
    const open = () =>
      source.query<object[]>(`SELECT FROM pg_stat_activity WHERE application_name = 'urgent one'`);
    await waitFor(async () => (await open()).length === 0);
  });
});
