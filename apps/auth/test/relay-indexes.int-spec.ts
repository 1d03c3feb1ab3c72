import { startTestDataSource, type TestDataSource } from '@latchkey/service-kit/suite';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { ServiceClock } from '../src/platform/clock/service-clock.js';
import { RevocationOutbox } from '../src/revocations/revocation-outbox.js';
import { RevocationEntity } from '../src/revocations/revocation.entity.js';
import { UnreadableRows } from '../src/revocations/unreadable-rows.js';
import { RECORD } from './record-fixture.js';
import { storedId } from './stored-id-fixture.js';

const issuer = 'http://127.0.0.1:4000';

/** Rows of one hour: nearly all are on the stream. */
const FILL = `
  INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at, created_at, serial,
                           published_at, stream_sequence, signed_by)
  SELECT gen_random_uuid(), 'session', 'logout', n::text, 1, extract(epoch FROM now())::bigint + 3600,
         now() - make_interval(secs => n), n, CASE WHEN n % 1000 > 0 THEN now() END,
         CASE WHEN n % 1000 > 0 THEN n END, CASE WHEN n % 1000 > 1 THEN 'k' END
  FROM generate_series(1, 20000) AS n`;

/** Every round of the relay asks these questions, however many revocations are on the stream. */
describe('the questions of the relay', () => {
  let database: TestDataSource;
  let source: DataSource;
  let outbox: RevocationOutbox;

  beforeAll(async () => {
    // Postgres counts scans by connection, and this is the only one.
    database = await startTestDataSource({ poolSize: 1, ...RECORD });
    ({ source } = database);
    await source.query(FILL);
    await source.query('ANALYZE revocations');
    const unreadable = new UnreadableRows({ issuer }, pino({ level: 'silent' }));
    outbox = new RevocationOutbox(
      source.getRepository(RevocationEntity),
      new ServiceClock(),
      unreadable,
    );
  });
  afterAll(() => database.close());

  /** How often the table was read as a whole (`null`), and by each index. */
  const scans = async () => {
    await source.query('SELECT pg_stat_force_next_flush()');
    const rows = await source.query<{ name: string | null; count: number }[]>(
      `SELECT NULL AS name, seq_scan::int AS count FROM pg_stat_user_tables WHERE relname = 'revocations'
       UNION ALL
       SELECT indexrelname, idx_scan::int FROM pg_stat_user_indexes WHERE relname = 'revocations'`,
    );
    return new Map(rows.map(({ name, count }) => [name, count]));
  };

  it.each<[string, string, (of: RevocationOutbox) => Promise<unknown>]>([
    ['what is unpublished', 'revocations_backlog', (of) => of.unpublished(64)],
    ['when it was written', 'revocations_backlog', (of) => of.backlogWritten()],
    ['what to sign again', 'revocations_to_sign_again', (of) => of.toSignAgain(64)],
  ])('reads only the rows it finds: %s', async (_, index, ask) => {
    const before = await scans();
    await ask(outbox);
    const after = await scans();
    const used = [...after].filter(([name, count]) => count > before.get(name)!);
    expect(used.map(([name]) => name)).toEqual([index]);
  });

  it('finds the rows', async () => {
    expect(await outbox.unpublished(64)).toHaveLength(20);
    expect(await outbox.toSignAgain(64)).toHaveLength(20);
    const { oldest, newest } = (await outbox.backlogWritten())!;
    expect(newest - oldest).toBe(19_000_000);
  });

  it('reads no published row to count the backlog', async () => {
    const before = await scans();
    expect(await outbox.backlog()).toBe(20);
    expect(await outbox.isPending([storedId('1000')])).toBe(true);
    expect((await scans()).get(null)).toBe(before.get(null));
  });
});
