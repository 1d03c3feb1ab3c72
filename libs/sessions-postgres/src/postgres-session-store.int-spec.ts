import { createDataSource } from '@latchkey/service-kit';
import { SessionStoreUnavailableError } from '@latchkey/sessions';
import { describeSessionStore } from '@latchkey/sessions/suite';
import { waitFor } from '@latchkey/local-stack';
import { createFaultProxy, startTestDatabase, startTestPostgres } from '@latchkey/testing';
import type { DataSource } from 'typeorm';
import { PostgresSessionStore } from './postgres-session-store.js';
import { StoredSessions1700000006100 } from './stored-sessions.migration.js';

describeSessionStore('Postgres', async () => {
  const postgres = await startTestPostgres();
  const proxy = await createFaultProxy(postgres.url());
  const sources: DataSource[] = [];
  const connect = async () => {
    const migrations = [StoredSessions1700000006100];
    const source = createDataSource({
      url: proxy.through(postgres.url()),
      migrations,
      statementTimeoutSeconds: 1,
    });
    sources.push(source);
    await source.initialize();
    await source.runMigrations();
    return new PostgresSessionStore(source);
  };
  return {
    connect,
    dump: async () =>
      JSON.stringify(await sources[0]!.query('SELECT stored_sessions::text FROM stored_sessions')),
    kill: async () => {
      await postgres.kill();
      // The processes behind connections notice a moment later that their server is gone, and answer until then.
      await waitFor(() => proxy.openConnections === 0);
    },
    restart: () => postgres.restart(),
    freeze: () => proxy.hold(),
    thaw: () => proxy.heal(),
    close: async () => {
      for (const source of sources) await source.destroy();
      await proxy.close();
      await postgres.close();
    },
  };
});

it('a session cannot be told while its table is locked', async () => {
  const database = await startTestDatabase();
  const open = async (statementTimeoutSeconds: number) => {
    const migrations = [StoredSessions1700000006100];
    const source = createDataSource({ url: database.url, migrations, statementTimeoutSeconds });
    await source.initialize();
    return source;
  };
  const [patient, hasty] = [await open(10), await open(0.2)];
  await patient.runMigrations();
  const locking = patient.createQueryRunner();
  await locking.startTransaction();
  await locking.query('LOCK TABLE stored_sessions');
  const store = new PostgresSessionStore(hasty);
  await expect(store.find('any')).rejects.toThrow(SessionStoreUnavailableError);
  await locking.rollbackTransaction();
  expect(await store.find('any')).toBeUndefined();
  await locking.release();
  await Promise.all([patient.destroy(), hasty.destroy()]);
  await database.drop();
});
