import { planOf, startTestDatabase, type TestDatabase } from '@latchkey/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import {
  createDataSource,
  deleteExpired,
  deletionOf,
  deletionParametersOf,
  Housekeeper,
  HOUSEKEEPING_LOCKS,
  type ExpiringRows,
} from '../index.js';
import { HOUSEKEEPING_MARGIN_SECONDS } from './expired-rows.js';

const KEEP_SECONDS = 60;
const NOTES: ExpiringRows = {
  table: 'notes',
  expiredAt: 'ended_at',
  type: 'timestamptz',
  keepSeconds: KEEP_SECONDS,
  batchRows: 100,
};
const STAMPS: ExpiringRows = { table: 'stamps', expiredAt: 'expires_at', type: 'seconds' };
const LOCK = `SELECT pg_advisory_xact_lock(${HOUSEKEEPING_LOCKS}, hashtext($1))`;

describe('expired rows', () => {
  let database: TestDatabase;
  let replicas: DataSource[];
  let source: DataSource;
  beforeEach(async () => {
    database = await startTestDatabase();
    replicas = [1, 2].map(() => createDataSource({ url: database.url, migrations: [] }));
    for (const replica of replicas) await replica.initialize();
    source = replicas[0]!;
    await source.query('CREATE TABLE notes (id int PRIMARY KEY, ended_at timestamptz)');
    await source.query('CREATE INDEX notes_ended ON notes (ended_at) WHERE ended_at IS NOT NULL');
    await source.query('CREATE TABLE stamps (id int PRIMARY KEY, expires_at bigint NOT NULL)');
    await source.query('CREATE INDEX stamps_expiry ON stamps (expires_at)');
  });
  afterEach(async () => {
    for (const replica of replicas) await replica.destroy();
    await database.drop();
  });

  const addNotes = (first: number, last: number, secondsAgo: number | null) =>
    source.query(
      `INSERT INTO notes SELECT id, now() - make_interval(secs => $3)
       FROM generate_series($1::int, $2::int) AS id`,
      [first, last, secondsAgo],
    );
  const addStamps = (first: number, last: number, secondsAgo: number) =>
    source.query(
      `INSERT INTO stamps SELECT id, floor(extract(epoch FROM now()))::bigint - $3::bigint
       FROM generate_series($1::int, $2::int) AS id`,
      [first, last, secondsAgo],
    );
  const idsIn = async (table: string) =>
    (await source.query<{ id: number }[]>(`SELECT id FROM ${table} ORDER BY id`)).map(
      ({ id }) => id,
    );
  const housekeeper = (logger = pino({ level: 'silent' }), on = source) =>
    new Housekeeper(on, { ready: Promise.resolve() }, [NOTES, STAMPS], logger);

  it('are deleted after their time and the margin for wrong clocks, and no other rows are', async () => {
    const margin = HOUSEKEEPING_MARGIN_SECONDS;
    await addNotes(1, 1, margin + KEEP_SECONDS + 20);
    await addNotes(2, 2, margin + KEEP_SECONDS - 20);
    await addNotes(3, 3, -20);
    await addNotes(4, 4, null);
    await addStamps(1, 1, margin + 20);
    await addStamps(2, 2, margin - 20);
    await housekeeper().sweep();
    expect(await idsIn('notes')).toEqual([2, 3, 4]);
    expect(await idsIn('stamps')).toEqual([2]);
  });

  it.each([
    ["the database's clock is", 'clock'],
    ["this machine's clock is", 'machine'],
  ])('stay while %s ahead alone', async (_, ahead) => {
    const day = 86_400;
    await addNotes(1, 3, ahead === 'clock' ? day : 0);
    const [keep, now] = deletionParametersOf(NOTES);
    await source.query(deletionOf(NOTES), [keep, ahead === 'clock' ? now - day : now + day]);
    expect(await idsIn('notes')).toEqual([1, 2, 3]);
  });

  it('are deleted in as many batches as it takes', async () => {
    await addNotes(1, 1_050, 86_400);
    expect(await deleteExpired(source, NOTES)).toBe(1_050);
    expect(await idsIn('notes')).toEqual([]);
  });

  it('are no longer deleted after the current batch when the service closes', async () => {
    await addNotes(1, 500, 86_400);
    let batches = 0;
    expect(await deleteExpired(source, NOTES, () => batches++ < 2)).toBe(200);
  });

  it('are deleted by one replica at a time', async () => {
    await addNotes(1, 10, 86_400);
    await replicas[1]!.transaction(async (manager) => {
      await manager.query(LOCK, ['notes ended_at']);
      expect(await deleteExpired(source, NOTES)).toBe(0);
    });
    expect(await deleteExpired(source, NOTES)).toBe(10);
  });

  it('are deleted once by replicas that try together', async () => {
    await addNotes(1, 2_000, 86_400);
    const deleted = await Promise.all(replicas.map((replica) => deleteExpired(replica, NOTES)));
    const rest = await deleteExpired(source, NOTES);
    expect(deleted[0]! + deleted[1]! + rest).toBe(2_000);
  });

  it('are left for the next round if they are locked', async () => {
    await addNotes(1, 3, 86_400);
    await replicas[1]!.transaction(async (manager) => {
      await manager.query('SELECT FROM notes WHERE id = 2 FOR UPDATE');
      await deleteExpired(source, NOTES);
    });
    expect(await idsIn('notes')).toEqual([2]);
    await deleteExpired(source, NOTES);
    expect(await idsIn('notes')).toEqual([]);
  });

  it('are kept while the service does not trust its clocks', async () => {
    await addNotes(1, 3, 86_400);
    let certain = false;
    const ready = Promise.resolve();
    const careful = new Housekeeper(
      source,
      { ready },
      [NOTES],
      pino({ enabled: false }),
      () => certain,
    );
    await careful.sweep();
    expect(await idsIn('notes')).toEqual([1, 2, 3]);
    certain = true;
    await careful.sweep();
    expect(await idsIn('notes')).toEqual([]);
  });

  it('are deleted although those of another table cannot be, and the log names that table', async () => {
    await addStamps(1, 5, 86_400);
    await source.query('ALTER TABLE notes RENAME TO elsewhere');
    const lines: string[] = [];
    await housekeeper(pino({}, { write: (line) => void lines.push(line) })).sweep();
    expect(await idsIn('stamps')).toEqual([]);
    const warnings = lines.map((line) => JSON.parse(line) as { level: number; table: string });
    expect(warnings.filter(({ level }) => level === 40)).toMatchObject([{ table: 'notes' }]);
  });

  it.each([
    [NOTES, 'notes_ended'],
    [STAMPS, 'stamps_expiry'],
  ])('are found by an index: %j by %s', async (rows, index) => {
    await addNotes(1, 20_000, -86_400);
    await addNotes(20_001, 20_050, 86_400);
    await addStamps(1, 20_000, -86_400);
    await source.query('ANALYZE');
    const plan = await planOf(
      (sql, parameters) => source.query(sql, parameters),
      deletionOf(rows),
      deletionParametersOf(rows),
    );
    expect(plan.indexes).toEqual([index]);
    expect(plan.nodes).not.toContain('Seq Scan');
    expect(plan.conditions).toEqual([expect.stringContaining('statement_timestamp()')]);
  });
});
