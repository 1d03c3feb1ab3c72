import {
  createDataSource,
  deleteExpired,
  deletionOf,
  deletionParametersOf,
} from '@latchkey/service-kit';
import {
  Sessions,
  SessionStoreUnavailableError,
  type SessionId,
  type SessionStore,
} from '@latchkey/sessions';
import { describeSessionStore } from '@latchkey/sessions/suite';
import { waitFor } from '@latchkey/local-stack';
import {
  createFaultProxy,
  planOf,
  startTestDatabase,
  startTestPostgres,
  type TestDatabase,
} from '@latchkey/testing';
import type { DataSource, QueryRunner } from 'typeorm';
import { EXPIRING_STORED_SESSIONS, PostgresSessionStore } from './postgres-session-store.js';
import { StoredSessionEntity } from './stored-session.entity.js';
import { StoredSessions1700000006100 } from './stored-sessions.migration.js';

describeSessionStore('Postgres', async () => {
  const postgres = await startTestPostgres();
  const proxy = await createFaultProxy(postgres.url());
  const sources: DataSource[] = [];
  const connect = async () => {
    const source = createDataSource({
      url: proxy.through(postgres.url()),
      entities: [StoredSessionEntity],
      migrations: [StoredSessions1700000006100],
      statementTimeoutSeconds: 2,
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
      // Backend processes answer for a moment until they notice that their server is gone.
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

describe('PostgresSessionStore', () => {
  it('reports that it is unavailable until its data source is initialized', async () => {
    const source = createDataSource({
      url: 'postgres://127.0.0.1:1/sessions',
      entities: [StoredSessionEntity],
      migrations: [],
    });
    const store = new PostgresSessionStore(source);
    await expect(store.find('any')).rejects.toThrow(SessionStoreUnavailableError);
  });
});

describe('PostgresSessionStore beside concurrent transactions', () => {
  let database: TestDatabase;
  let patient: DataSource;
  let hasty: DataSource;
  let locking: QueryRunner;
  let store: PostgresSessionStore;
  const open = async (statementTimeoutSeconds: number) => {
    const source = createDataSource({
      url: database.url,
      entities: [StoredSessionEntity],
      migrations: [StoredSessions1700000006100],
      statementTimeoutSeconds,
    });
    return source.initialize();
  };
  beforeAll(async () => {
    database = await startTestDatabase();
    patient = await open(10);
    await patient.runMigrations();
    hasty = await open(1);
    store = new PostgresSessionStore(hasty);
  });
  beforeEach(async () => {
    locking = patient.createQueryRunner();
    await locking.startTransaction();
  });
  afterEach(async () => {
    await locking.rollbackTransaction();
    await locking.release();
  });
  afterAll(async () => {
    await Promise.all([patient, hasty].map((source) => source.destroy()));
    await database.drop();
  });

  it('reports that it is unavailable while its table is locked', async () => {
    await locking.query('LOCK TABLE stored_sessions');
    await expect(store.find('any')).rejects.toThrow(SessionStoreUnavailableError);
    await locking.query('ROLLBACK; BEGIN');
    expect(await store.find('any')).toBeUndefined();
  });

  it('deletes expired sessions by an index', async () => {
    await patient.query(
      `INSERT INTO stored_sessions
       SELECT n, '', 'ada', 'web', '{}', NULL, 0, 0, 0, 0,
              now() + make_interval(mins => 1800 - n % 1870)
       FROM generate_series(1, 20000) AS n`,
    );
    await patient.query('ANALYZE stored_sessions');
    const plan = await planOf(
      (sql, parameters) => patient.query(sql, parameters),
      deletionOf(EXPIRING_STORED_SESSIONS),
      deletionParametersOf(EXPIRING_STORED_SESSIONS),
    );
    expect(plan.indexes).toEqual(['stored_sessions_idle']);
    expect(plan.nodes).not.toContain('Seq Scan');
    expect(plan.conditions).toEqual([expect.stringContaining('statement_timestamp()')]);
    expect(await deleteExpired(patient!, EXPIRING_STORED_SESSIONS)).toBeGreaterThan(0);
    await patient.query('DELETE FROM stored_sessions');
  });

  it('does not wait for another replica that is recording a use', async () => {
    const sessions = new Sessions(store);
    const { session } = await sessions.start({ subject: 'ada', clientId: 'web', scopes: [] });
    const found = await store.find(session.id);
    await locking.query('SELECT FROM stored_sessions WHERE id = $1 FOR UPDATE', [session.id]);
    await store.touch(found!, found!.lastUsedAt + 1, 60_000);
    await locking.query('ROLLBACK; BEGIN');
    expect(await store.find(session.id)).toEqual(found);
  });

  it('sends one statement per call', async () => {
    const sessions = new Sessions(store);
    const { session } = await sessions.start({ subject: 'ada', clientId: 'web', scopes: [] });
    const found = await store.find(session.id);
    const calls: Record<keyof SessionStore, () => Promise<unknown>> = {
      add: () => store.add({ ...found!, id: 'another' as SessionId }, 60_000),
      find: () => store.find(session.id),
      touch: () => store.touch(found!, found!.lastUsedAt + 1, 60_000),
      list: () => store.list('ada'),
      end: () => store.end(session.id),
      endAll: () => store.endAll('ada'),
    };
    const sent: string[] = [];
    const ignore = () => undefined;
    hasty.setOptions({
      logger: {
        logQuery: (query) => sent.push(query),
        ...{ logQueryError: ignore, logQuerySlow: ignore, logSchemaBuild: ignore },
        ...{ logMigration: ignore, log: ignore },
      },
    });
    for (const [name, call] of Object.entries(calls)) {
      sent.length = 0;
      await call();
      expect({ name, statements: sent }).toEqual({ name, statements: [expect.any(String)] });
    }
  });

  it('writes once for concurrent uses', async () => {
    const sessions = new Sessions(store);
    const { session } = await sessions.start({ subject: 'ada', clientId: 'web', scopes: [] });
    const found = await store.find(session.id);
    await store.touch(found!, found!.lastUsedAt + 1, 60_000);
    await store.touch(found!, found!.lastUsedAt + 2, 60_000);
    expect(await store.find(session.id)).toMatchObject({ lastUsedAt: found!.lastUsedAt + 1 });
  });
});
