import { ProcessGroup, startPgbouncer, temporaryDirectory } from '@latchkey/local-stack';
import { startTestDatabase, waitFor, type TestDatabase } from '@latchkey/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { HealthRegistry } from '../health-registry.js';
import { DatabaseConnector } from './database-connector.js';
import { createDataSource } from './database.module.js';
import { refuseTransactionPooler, TransactionPoolerError } from './transaction-pooler.js';

describe('a pgbouncer in front of the database', () => {
  let database: TestDatabase;
  let processes: ProcessGroup;
  beforeAll(async () => {
    database = await startTestDatabase();
    processes = new ProcessGroup();
  });
  afterAll(async () => {
    await processes.close();
    await database.drop();
  });

  const start = async (mode: 'session' | 'transaction', roundRobin?: number) => {
    const directory = temporaryDirectory(processes);
    return startPgbouncer({ processes, url: database.url, mode, directory, roundRobin });
  };
  const connector = (url: string) => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const health = new HealthRegistry();
    const source = createDataSource({ url, migrations: [] });
    const connecting = new DatabaseConnector(source, health, log);
    connecting.onApplicationBootstrap();
    return { lines, health, connecting };
  };

  /** Runs concurrent transactions, so that pgbouncer opens one server connection for each. */
  const openAtOnce = async (source: DataSource, count: number) => {
    const runners = Array.from({ length: count }, () => source.createQueryRunner());
    for (const runner of runners) await runner.startTransaction();
    for (const runner of runners) await runner.query('SELECT 1');
    for (const runner of runners) await runner.commitTransaction();
    for (const runner of runners) await runner.release();
  };

  it('is refused in transaction mode, with one log line', async () => {
    const { lines, health, connecting } = connector(await start('transaction'));
    const refused = { ready: false, checks: { database: { detail: /pool_mode = session/ } } };
    await waitFor(
      async () => {
        const { checks } = await health.report();
        return refused.checks.database.detail.test(checks['database']?.detail ?? '');
      },
      { timeoutMs: 20_000 },
    );
    expect((await health.report()).ready).toBe(false);
    await connecting.onApplicationShutdown();
    expect(lines.filter((line) => line.includes('pool_mode = session'))).toHaveLength(1);
  });

  // With two, clients that strictly alternate would each get the same server connection in every round.
  it.each([2, 3, 4])(
    'in transaction mode is refused where clients go round %i connections',
    async (servers) => {
      const url = await start('transaction', servers);
      const source = await createDataSource({ url, migrations: [] }).initialize();
      await openAtOnce(source, servers);
      await expect(refuseTransactionPooler(source)).rejects.toThrow(TransactionPoolerError);
      await source.destroy();
    },
  );

  it('is accepted in session mode', async () => {
    const { health, connecting } = connector(await start('session'));
    await connecting.ready;
    expect(await health.report()).toMatchObject({ ready: true });
    await connecting.onApplicationShutdown();
  });

  it('is not detected where there is none', async () => {
    const source = await createDataSource({ url: database.url, migrations: [] }).initialize();
    for (let round = 0; round < 20; round += 1) await refuseTransactionPooler(source);
    await source.destroy();
    expect(new TransactionPoolerError().message).toMatch(/pool_mode/);
  });
});
