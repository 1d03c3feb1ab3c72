import {
  MAX_SNAPSHOT_CHUNK_BYTES,
  readSnapshotChunk,
  REVOCATION_TRIGGERS,
  SNAPSHOT_ENTRY,
  SNAPSHOT_KINDS,
  snapshotEntryToRevocation,
  type Revocation,
  type RevocationKind,
  type SnapshotEntryVisitor,
} from '@latchkey/contracts';
import type { DenyList } from '@latchkey/deny-list';
import { startTestDataSource, type TestDataSource } from '@latchkey/service-kit/suite';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { RECORD } from '../../test/record-fixture.js';
import {
  anyRow,
  HOUR,
  ISSUER,
  LAST_U32,
  nameOf,
  NOW,
  TestList,
  tokensNear,
  type Row,
} from '../../test/revocation-rows-fixture.js';
import { toRevocation } from '../revocations/revocation-row.js';
import { RevocationEntity } from '../revocations/revocation.entity.js';
import { SnapshotQuery, type RecordedSnapshot } from './snapshot-query.js';

describe('SnapshotQuery', () => {
  let database: TestDataSource;
  let record: DataSource;
  let query: SnapshotQuery;

  beforeAll(async () => {
    database = await startTestDataSource(RECORD);
    record = database.source;
    query = new SnapshotQuery(record, new ServiceClock());
  });
  beforeEach(() => record.query('DELETE FROM revocations'));
  afterAll(() => database.close());

  const insert = (rows: readonly Row[]) =>
    record.query(
      `INSERT INTO revocations (id, kind, trigger, session_id, subject, token_id, client_id, key_id,
                                issued_before, revoked_at, expires_at)
       SELECT gen_random_uuid(), kind, 'logout', session_id, subject, token_id, client_id, key_id,
              issued_before, 1, expires_at
       FROM json_populate_recordset(NULL::revocations, $1)`,
      [JSON.stringify(rows)],
    );

  const replayed = async (): Promise<Revocation[]> => {
    const rows = await record.getRepository(RevocationEntity).find();
    return rows.map((row) => toRevocation(row, ISSUER));
  };

  const entriesOf = ({ chunks }: Pick<RecordedSnapshot, 'chunks'>) => {
    const entries: Parameters<SnapshotEntryVisitor>[] = [];
    for (const chunk of chunks) readSnapshotChunk(chunk, (...entry) => entries.push(entry));
    return entries;
  };

  const inSnapshot = (snapshot: RecordedSnapshot): Revocation[] => {
    const head = { iss: ISSUER, iat: NOW, jti: randomUUID() };
    return entriesOf(snapshot).map((entry) => snapshotEntryToRevocation(head, ...entry));
  };

  const countByKind = (kinds: readonly string[]) =>
    Object.fromEntries(
      SNAPSHOT_KINDS.map((kind) => [kind, kinds.filter((each) => each === kind).length]),
    );

  it('yields the same deny-list as a replay, for any record', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRow, { maxLength: 40, size: 'max' }),
        fc.integer({ min: NOW, max: NOW + 25 * HOUR }),
        async (rows, later) => {
          await record.query('DELETE FROM revocations');
          await insert(rows);
          const snapshot = await query.read();
          // Expired revocations match no live token, whether or not a replay includes them.
          const live = (await replayed()).filter(({ expiresAt }) => expiresAt > NOW);
          expect(snapshot.entries).toEqual(countByKind(live.map(({ kind }) => kind)));
          expect(snapshot.leftOut).toEqual([]);

          const lists = [new TestList(), new TestList()] as const;
          for (const revocation of inSnapshot(snapshot)) lists[0].apply(revocation);
          for (const revocation of live) lists[1].apply(revocation);
          const tokens = live.flatMap((revocation) =>
            tokensNear(nameOf(revocation), 'before' in revocation ? revocation.before : NOW),
          );
          const answers = (list: DenyList) => tokens.map((token) => list.isRevoked(token));
          expect(answers(lists[0])).toEqual(answers(lists[1]));
          for (const list of lists) list.forgetAt(later);
          expect(answers(lists[0])).toEqual(answers(lists[1]));
          expect(lists[0].size).toBe(lists[1].size);
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  it.each<[RevocationKind, Row, number]>([
    ['session', { kind: 'session', session_id: 'n', expires_at: LAST_U32 }, 0],
    ['token', { kind: 'token', token_id: 'n', expires_at: LAST_U32 }, 0],
    ['subject', { kind: 'subject', subject: 'n', issued_before: 7, expires_at: LAST_U32 }, 7],
    ['client', { kind: 'client', client_id: 'n', issued_before: 0, expires_at: LAST_U32 }, 0],
    ['key', { kind: 'key', key_id: 'n', expires_at: LAST_U32 + 1 }, 0],
  ])('encodes a revocation of a %s', async (kind, row, before) => {
    await insert([row]);
    const snapshot = await query.read();
    expect(entriesOf(snapshot)).toEqual([[kind, 'n', LAST_U32, before]]);
    expect(snapshot.entries).toEqual(countByKind([kind]));
  });

  it('supports the kinds of all triggers', () => {
    const kinds = new Set<RevocationKind>(Object.values(REVOCATION_TRIGGERS));
    expect(new Set<RevocationKind>(SNAPSHOT_KINDS)).toEqual(kinds);
  });

  const longest = 'x'.repeat(SNAPSHOT_ENTRY.nameLengthLimit - 1);

  it('writes no chunk that is too large for readers, however densely pages are packed', async () => {
    const rows = 2_000;
    // The auth service does not write such long names. Postgres compresses each to a few bytes.
    const nameOfRow = (n: number) => String(n).padStart(longest.length, 'x');
    await insert(
      Array.from({ length: rows }, (_, n) => ({
        kind: 'session',
        session_id: nameOfRow(n),
        expires_at: LAST_U32,
      })),
    );
    const snapshot = await query.read();
    for (const { length } of snapshot.chunks)
      expect(length).toBeLessThanOrEqual(MAX_SNAPSHOT_CHUNK_BYTES);
    expect(new Set(entriesOf(snapshot).map(([, name]) => name)).size).toBe(rows);
    expect(snapshot.entries.session).toBe(rows);
  });

  const good: Row = { kind: 'session', session_id: 'good', expires_at: LAST_U32 };

  // The auth service never writes such rows, but anyone with access to the database can.
  it.each<[string, Row]>([
    ['an empty name', { kind: 'session', session_id: '', expires_at: LAST_U32 }],
    ['a name that is too long', { kind: 'key', key_id: `${longest}x`, expires_at: LAST_U32 }],
    [
      'a negative time',
      { kind: 'subject', subject: 'ada', issued_before: -1, expires_at: LAST_U32 },
    ],
  ])('leaves a row with %s out of the chunks, and reports it', async (_, bad) => {
    await insert([good, bad, { ...good, session_id: longest }]);
    const snapshot = await query.read();
    const names = entriesOf(snapshot).map(([kind, name]) => `${kind} ${name}`);
    // A snapshot has no order: Postgres may put a new row into any page with free space.
    expect(names.sort()).toEqual(['session good', `session ${longest}`]);
    expect(snapshot.entries).toEqual(countByKind(['session', 'session', bad.kind]));
    const [{ id }] = await record.query<[{ id: string }]>(
      'SELECT id FROM revocations WHERE kind = $1 ORDER BY octet_length(session_id) LIMIT 1',
      [bad.kind],
    );
    expect(snapshot.leftOut).toEqual([id]);
  });

  it('fails if the record has a kind that only a newer release knows', async () => {
    const [{ name }] = await record.query<[{ name: string }]>(
      `SELECT conname AS name FROM pg_constraint
       WHERE conrelid = 'revocations'::regclass AND pg_get_constraintdef(oid) LIKE '%kind = ANY%'`,
    );
    await record.query(`ALTER TABLE revocations DROP CONSTRAINT ${name}`);
    await insert([good, { kind: 'tenant', subject: 'acme', expires_at: LAST_U32 }]);
    await expect(query.read()).rejects.toThrow('newer release');
    await record.query(`DELETE FROM revocations WHERE kind = 'tenant'`);
    expect(entriesOf(await query.read())).toHaveLength(1);
  });
});
