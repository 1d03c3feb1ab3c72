import {
  DatabaseConnector,
  deletionOf,
  deletionParametersOf,
  Housekeeper,
  LOGGER,
  type ExpiringRows,
} from '@latchkey/service-kit';
import { startTestDataSource, type TestDataSource } from '@latchkey/service-kit/suite';
import { planOf } from '@latchkey/testing';
import { DataSource } from 'typeorm';
import { useAuth } from '../test/auth-testbed.js';
import { MIGRATIONS } from './database.js';
import { expiringRows } from './housekeeping.js';
import { PURGE } from './revocations/expired-revocations.js';

const EXPIRING_ROWS = expiringRows({ auditRetentionDays: 90 });

describe('old sessions', () => {
  const { auth, sql } = useAuth();

  it('are removed with their refresh tokens a day after they ended, and no others', async () => {
    const user = await auth.register();
    const [ended, expired, fresh, live] = [
      await auth.logIn(user),
      await auth.logIn(user),
      await auth.logIn(user),
      await auth.logIn(user),
    ];
    for (const { access_token: token } of [ended, fresh]) await auth.post('/logout', { token });
    await sql(`UPDATE sessions SET ended_at = ended_at - interval '26 hours' WHERE id = $1`, [
      ended.sid,
    ]);
    await sql(
      `UPDATE sessions SET absolute_expires_at = now() - interval '26 hours' WHERE id = $1`,
      [expired.sid],
    );
    // The service's own housekeeper first waits until its clock has been steady for some minutes.
    const { app } = auth.service;
    const database = app.get(DatabaseConnector);
    await new Housekeeper(app.get(DataSource), database, EXPIRING_ROWS, app.get(LOGGER)).sweep();
    const left = await sql('SELECT session_id AS id FROM refresh_tokens');
    const expected = [fresh, live].map(({ sid: id }) => ({ id }));
    expect(left).toHaveLength(2);
    expect(left).toEqual(expect.arrayContaining(expected));
    // A log-out with a token of a deleted session still succeeds.
    expect((await auth.post('/logout', { token: ended.access_token })).status).toBe(204);
  });
});

/** Fills the tables as after months of use: most rows are still needed, a few have expired. */
const FILL = [
  `INSERT INTO users (id, username, password_hash, scope)
   VALUES ('00000000-0000-4000-8000-000000000001', 'ada', '', '')`,
  `INSERT INTO sessions (user_id, client_id, refresh_delivery, auth_time, idle_expires_at,
                         absolute_expires_at, ended_at, end_reason)
   SELECT '00000000-0000-4000-8000-000000000001', 'web',
          CASE WHEN n % 3 > 0 THEN 'body' END, 0, now(),
          now() + make_interval(hours => 720 - n % 750),
          CASE WHEN n % 2 = 0 THEN now() - make_interval(mins => n % 1600) END,
          CASE WHEN n % 2 = 0 THEN 'logout' END
   FROM generate_series(1, 20000) AS n`,
  `INSERT INTO login_throttle (key, touched_at, familiar_until)
   SELECT sha256(n::text::bytea), now() - make_interval(hours => n % 2000),
          CASE WHEN n % 100 = 0 THEN '-infinity' ELSE now() + make_interval(hours => 2100 - n % 2000) END
   FROM generate_series(1, 20000) AS n`,
  `INSERT INTO exchanged_tokens (origin_kind, origin_id, token_id, expires_at)
   SELECT 'token', n::text, n::text, extract(epoch FROM now())::bigint + 300 - n % 4500
   FROM generate_series(1, 20000) AS n`,
  `INSERT INTO audit_events (id, at, event, details)
   SELECT uuidv7(), now() - make_interval(hours => n % 2170), 'login', '{}'
   FROM generate_series(1, 20000) AS n`,
  `INSERT INTO used_assertions (client_id, jti_hash, expires_at)
   SELECT 'robot', sha256(n::text::bytea), extract(epoch FROM now())::bigint + 300 - n % 4500
   FROM generate_series(1, 20000) AS n`,
  `INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at, serial, published_at,
                            stream_sequence)
   SELECT gen_random_uuid(), 'session', 'logout', n::text, 0,
          extract(epoch FROM now())::bigint + 480 - n % 500, n, now(), n
   FROM generate_series(1, 20000) AS n`,
  'ANALYZE',
];

describe('Housekeeping', () => {
  let database: TestDataSource;
  let source: DataSource;
  beforeAll(async () => {
    database = await startTestDataSource({ migrations: MIGRATIONS });
    ({ source } = database);
    for (const statement of FILL) await source.query(statement);
  });
  afterAll(() => database.close());

  const INDEXES: Readonly<Record<string, string>> = {
    'sessions CASE WHEN refresh_delivery IS NOT NULL THEN ended_at END':
      'sessions_ended_with_tokens',
    'sessions absolute_expires_at': 'sessions_expiry',
    'login_throttle greatest(touched_at, familiar_until, blocked_until)': 'login_throttle_expiry',
    'exchanged_tokens expires_at': 'exchanged_tokens_expiry',
    'audit_events at': 'audit_events_expiry',
    'used_assertions expires_at': 'used_assertions_expiry',
  };
  const nameOf = ({ table, expiredAt }: ExpiringRows) => `${table} ${expiredAt}`;

  it('has an index for everything it deletes', () => {
    expect(EXPIRING_ROWS.map(nameOf).sort()).toEqual(Object.keys(INDEXES).sort());
  });

  it.each(EXPIRING_ROWS.map((rows) => [nameOf(rows), rows] as const))(
    'reads only the rows it deletes: %s',
    async (name, rows) => {
      const query = (sql: string, parameters?: unknown[]) => source.query(sql, parameters);
      const plan = await planOf(query, deletionOf(rows), deletionParametersOf(rows));
      expect(plan.indexes).toEqual([INDEXES[name]]);
      expect(plan.nodes).not.toContain('Seq Scan');
      expect(plan.conditions).toEqual([expect.stringContaining('statement_timestamp()')]);
      const [, deleted] = await source.query<[unknown, number]>(
        deletionOf(rows),
        deletionParametersOf(rows),
      );
      expect(deleted).toBeGreaterThan(0);
    },
  );

  it('reads only the revocations it deletes', async () => {
    const [{ now }] = await source.query<[{ now: number }]>(
      'SELECT extract(epoch FROM now())::int AS now',
    );
    const plan = await planOf((sql, parameters) => source.query(sql, parameters), PURGE, [now]);
    expect(plan.indexes).toEqual(['revocations_expiry']);
    expect(plan.nodes).not.toContain('Seq Scan');
    expect(plan.conditions).toEqual([expect.stringContaining('expires_at <=')]);
    const [, deleted] = await source.query<[unknown, number]>(PURGE, [now]);
    expect(deleted).toBeGreaterThan(0);
  });
});
