import { REVOCATION_TRIGGERS, Revocation, type RevocationTrigger } from '@latchkey/contracts';
import { createDataSource } from '@latchkey/service-kit';
import { startTestDatabase, type TestDatabase } from '@latchkey/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { RECORD } from '../../test/record-fixture.js';
import { storedId } from '../../test/stored-id-fixture.js';
import { RecordWentBackError, SerialHighWaterMark } from './serial-high-water-mark.js';
import { ExpiredRevocations } from './expired-revocations.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { RevocationEntity } from './revocation.entity.js';
import { StreamRecord } from './stream-record.js';
import { SerialNumbers } from './serial-numbers.js';
import { RevocationRecord, type RevocationRequest } from './revocation-record.js';
import { UnreadableRows } from './unreadable-rows.js';

const options = {
  issuer: 'http://127.0.0.1:4000',
  accessTokenLifetimeSeconds: 300,
  streamReplicas: 1 as const,
  nats: { servers: 'nats://127.0.0.1:1' },
};
const TARGETS = {
  session: { sessionId: 's-1' },
  token: { tokenId: 't-1' },
  subject: { subject: 'u-1' },
  client: { clientId: 'c-1' },
  key: { keyId: 'k-1' },
};

/** The time for which a revocation is kept. */
const KEPT_MILLISECONDS = 360_000;

describe('RevocationRecord', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let record: RevocationRecord;
  let outbox: RevocationOutbox;
  let streamRecord: StreamRecord;
  let expired: ExpiredRevocations;
  let serials: SerialNumbers;
  /** Uptime of this process, by its monotonic clock. */
  let uptimeMilliseconds = 0;
  const clock = new ServiceClock(undefined, () => uptimeMilliseconds);

  beforeAll(async () => {
    database = await startTestDatabase();
    dataSource = createDataSource({ url: database.url, ...RECORD });
    await dataSource.initialize();
    await dataSource.runMigrations();
    record = new RevocationRecord(options, clock);
    outbox = new RevocationOutbox(
      dataSource.getRepository(RevocationEntity),
      clock,
      new UnreadableRows(options, pino({ level: 'silent' })),
    );
    streamRecord = new StreamRecord(dataSource, clock);
    const longestSeconds = options.accessTokenLifetimeSeconds;
    expired = new ExpiredRevocations(dataSource, clock, { longestSeconds });
    serials = numbers();
  });

  beforeEach(async () => {
    uptimeMilliseconds = 0;
    await dataSource.query('DELETE FROM revocations');
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const numbers = (highWaterMark = new SerialHighWaterMark()) =>
    new SerialNumbers(dataSource.getRepository(RevocationEntity), highWaterMark, options);
  const request = (trigger: RevocationTrigger) =>
    ({ trigger, ...TARGETS[REVOCATION_TRIGGERS[trigger]] }) as RevocationRequest;
  const revoke = (what: RevocationRequest) =>
    dataSource.transaction((manager) => record.revoke(manager, what));

  it.each(Object.keys(REVOCATION_TRIGGERS) as RevocationTrigger[])(
    'records %s with its kind, unpublished, until no token can match',
    async (trigger) => {
      const nowSeconds = clock.seconds();
      const revocation = await revoke(request(trigger));
      expect(revocation).toMatchObject({
        trigger,
        kind: REVOCATION_TRIGGERS[trigger],
        issuer: options.issuer,
        ...TARGETS[REVOCATION_TRIGGERS[trigger]],
      });
      expect(Revocation.parse(revocation)).toEqual(revocation);
      expect(revocation.revokedAt).toBeGreaterThanOrEqual(nowSeconds);
      expect(revocation.expiresAt).toBeGreaterThanOrEqual(revocation.revokedAt + 300 + 5);
      expect(await outbox.unpublished(10)).toEqual([revocation.id]);
    },
  );

  it.each([
    ['logout_everywhere', 'the end of this second', 1],
    ['client_revoked', 'the end of this second plus the maximum clock skew', 3],
  ] as const)('covers with %s all tokens issued until %s', async (trigger, _, seconds) => {
    const revocation = await revoke(request(trigger));
    expect(revocation).toMatchObject({ before: revocation.revokedAt + seconds });
  });

  it.each(Object.keys(REVOCATION_TRIGGERS) as RevocationTrigger[])(
    'covers and outlives with %s a token whose `iat` is in the future',
    async (trigger) => {
      const issuedUntil = clock.seconds() + 500;
      const what = request(trigger);
      const revocation = await dataSource.transaction((manager) =>
        record.revoke(manager, what, issuedUntil),
      );
      expect(revocation.expiresAt).toBeGreaterThan(
        issuedUntil + options.accessTokenLifetimeSeconds,
      );
      if ('before' in revocation) expect(revocation.before).toBeGreaterThan(issuedUntil);
    },
  );

  it('is rolled back with its transaction', async () => {
    const failing = dataSource.transaction(async (manager) => {
      await record.revoke(manager, request('logout'));
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await outbox.backlog()).toBe(0);
  });

  it('refuses a revocation without a target', async () => {
    await expect(revoke({ trigger: 'logout' } as RevocationRequest)).rejects.toThrow();
    await expect(revoke({ trigger: 'logout', sessionId: storedId('') })).rejects.toThrow();
    expect(await outbox.backlog()).toBe(0);
  });

  describe('RevocationOutbox', () => {
    const insertKey = (kid: string, state: string) =>
      dataSource.query(
        `INSERT INTO signing_keys (kid, state, public_jwk, encrypted_private_key)
         VALUES ($1, $2, '{}', NULL) ON CONFLICT DO NOTHING`,
        [kid, state],
      );

    it('marks nothing if the epoch was replaced or the key revoked', async () => {
      await insertKey('good', 'retiring');
      await insertKey('stolen', 'revoked');
      const { id } = await revoke(request('logout'));
      const { epoch } = await streamRecord.stream();
      const mark = (of: string, kid: string) =>
        outbox.markPublished([{ id, sequence: 7 }], of, kid);
      expect(await mark(crypto.randomUUID(), 'good')).toBe('epoch_replaced');
      expect(await mark(epoch, 'stolen')).toBe('signing_key_revoked');
      expect(await outbox.backlog()).toBe(1);
      expect(await mark(epoch, 'good')).toBe('marked');
      expect(await outbox.backlog()).toBe(0);
    });

    it('marks nothing at a sequence that was used before', async () => {
      await insertKey('good', 'retiring');
      const [first, second] = [await revoke(request('logout')), await revoke(request('logout'))];
      const { epoch } = await streamRecord.stream();
      const mark = ({ id }: { id: string }, sequence: number) =>
        outbox.markPublished([{ id, sequence }], epoch, 'good');
      expect(await mark(first, 7)).toBe('marked');
      expect(await mark(second, 7)).toBe('stream_rolled_back');
      await streamRecord.recordSequence(epoch, 9);
      expect(await mark(second, 9)).toBe('stream_rolled_back');
      expect(await outbox.unpublished(10)).toEqual([second.id]);
      expect(await mark(second, 8)).toBe('marked');
    });

    it('marks nothing when the epoch is replaced concurrently', async () => {
      await insertKey('good', 'retiring');
      for (let round = 0; round < 20; round += 1) {
        const { id } = await revoke(request('logout'));
        const { epoch } = await streamRecord.stream();
        await Promise.all([
          outbox.markPublished([{ id, sequence: round + 1 }], epoch, 'good'),
          streamRecord.beginNewEpoch(epoch),
        ]);
        expect(await outbox.unpublished(100)).toContain(id);
      }
    });

    // Postgres chooses the plan, and so the order of unordered rows, by the size of the table.
    it.each([0, 50, 300, 1_000, 3_000])(
      'lists every sequence that none of %i revocations has, in ascending order',
      async (count) => {
        await dataSource.query(
          `INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at,
                                    published_at, stream_sequence)
           SELECT gen_random_uuid(), 'session', 'logout', 's', 1, 2, now(), 2 * n
           FROM generate_series(1, $1::int) AS n`,
          [count],
        );
        await dataSource.query('ANALYZE revocations');
        const positions = Array.from({ length: 900 }, (_, index) => index + 1);
        expect(await streamRecord.unrecordedSequences(1, 900)).toEqual(
          positions.filter((position) => position % 2 === 1 || position > 2 * count),
        );
      },
    );

    it('begins one new epoch when several replicas detect the loss', async () => {
      const { epoch } = await streamRecord.stream();
      const epochs = await Promise.all([1, 2, 3].map(() => streamRecord.beginNewEpoch(epoch)));
      expect(new Set(epochs).size).toBe(1);
      expect(epochs[0]).not.toBe(epoch);
    });

    it('purges only expired revocations, in batches', async () => {
      const alive = await revoke(request('logout'));
      await dataSource.query(
        `INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at)
         SELECT gen_random_uuid(), 'session', 'logout', 's', 1, 2 FROM generate_series(1, 2500)`,
      );
      expect(await outbox.backlog()).toBe(1);
      uptimeMilliseconds = KEPT_MILLISECONDS;
      await expired.purge();
      const rows = await dataSource.query<{ id: string }[]>('SELECT id FROM revocations');
      expect(rows).toEqual([{ id: alive.id }]);
    });

    it('purges nothing until a clock leap can be ruled out', async () => {
      await revoke(request('logout'));
      await dataSource.query('UPDATE revocations SET expires_at = 1');
      uptimeMilliseconds += KEPT_MILLISECONDS - 1_000;
      await expired.purge();
      expect(await dataSource.query('SELECT id FROM revocations')).toHaveLength(1);
      uptimeMilliseconds += 1_000;
      await expired.purge();
      expect(await dataSource.query('SELECT id FROM revocations')).toEqual([]);
    });

    it('keeps a numbered revocation until it is published, even after it has expired', async () => {
      await insertKey('good', 'retiring');
      const { id } = await revoke(request('logout'));
      await serials.number([id]);
      await dataSource.query('UPDATE revocations SET expires_at = 1');
      uptimeMilliseconds = KEPT_MILLISECONDS;
      await expired.purge();
      expect(await outbox.unpublished(10)).toEqual([id]);
      await outbox.markPublished(
        [{ id, sequence: 1 }],
        (await streamRecord.stream()).epoch,
        'good',
      );
      await expired.purge();
      expect(await dataSource.query('SELECT id FROM revocations')).toEqual([]);
    });

    it('names revoked keys next to the serials until they expire', async () => {
      const key = await revoke(request('signing_key_revoked'));
      const { id } = await revoke(request('logout'));
      const serial = Math.min(
        ...(await serials.number([key.id, id])).revocations.map((each) => each.serial),
      );
      const { serials: range, revokedKeys } = await streamRecord.numbered();
      expect(revokedKeys).toEqual([{ keyId: 'k-1', expiresAt: key.expiresAt }]);
      expect(range.through).toBe(serial + 1);
      await dataSource.query("UPDATE revocations SET expires_at = 1 WHERE kind <> 'key'");
      const empty = await streamRecord.numbered();
      expect(empty.serials).toEqual({ from: serial + 2, through: serial + 1 });
    });
  });

  describe('SerialNumbers', () => {
    it('assigns each revocation a permanent serial', async () => {
      const ids = [(await revoke(request('logout'))).id, (await revoke(request('logout'))).id];
      const { revocations: once } = await numbers().number(ids);
      const [first, second] = once.map(({ serial }) => serial);
      expect(second).toBe(first! + 1);
      expect((await numbers().number(ids)).revocations).toEqual(once);
    });

    it('leaves no gap despite concurrent calls and rollbacks', async () => {
      const { serials: before } = await streamRecord.numbered();
      const replicas = [numbers(), numbers(), numbers()];
      const rolledBack = dataSource
        .transaction(async (manager) => {
          await record.revoke(manager, request('logout'));
          throw new Error('rolled back');
        })
        .catch(() => undefined);
      const ids = await Promise.all(
        Array.from({ length: 60 }, async () => (await revoke(request('logout'))).id),
      );
      // Two replicas number each revocation concurrently.
      await Promise.all([
        rolledBack,
        ...ids.flatMap((id, index) =>
          [index, index + 1].map((which) => replicas[which % 3]!.number([id])),
        ),
      ]);
      const rows = await dataSource.query<{ serial: number }[]>(
        'SELECT serial::float8 FROM revocations ORDER BY serial',
      );
      const first = before.through + 1;
      expect(rows.map(({ serial }) => serial)).toEqual(ids.map((_, index) => first + index));
      expect((await streamRecord.numbered()).serials).toEqual({ from: first, through: first + 59 });
    });

    it('skips revocations that are no longer in the record', async () => {
      expect((await numbers().number([crypto.randomUUID()])).revocations).toEqual([]);
    });

    it('assigns no serials if the record has gone backward', async () => {
      const highWaterMark = new SerialHighWaterMark();
      const remembering = numbers(highWaterMark);
      await remembering.number([(await revoke(request('logout'))).id]);
      const { nextSerial } = await streamRecord.stream();
      expect(highWaterMark.nextSerial).toBe(nextSerial);
      await dataSource.query('DELETE FROM revocations WHERE serial >= $1', [nextSerial - 1]);
      await dataSource.query('UPDATE revocation_stream SET next_serial = next_serial - 1');
      const { id } = await revoke(request('logout'));
      await expect(remembering.number([id])).rejects.toThrow(RecordWentBackError);
      await expect(remembering.number([id])).rejects.toThrow(RecordWentBackError);
      await streamRecord.beginNewEpoch(
        (await streamRecord.stream()).epoch,
        highWaterMark.nextSerial,
      );
      const [numbered] = (await remembering.number([id])).revocations;
      expect(numbered!.serial).toBeGreaterThan(nextSerial);
    });

    it('assigns higher serials for a new epoch', async () => {
      const { id } = await revoke(request('logout'));
      const [old] = (await numbers().number([id])).revocations;
      await streamRecord.beginNewEpoch((await streamRecord.stream()).epoch);
      const [again] = (await numbers().number([id])).revocations;
      expect(again!.serial).toBeGreaterThan(old!.serial);
    });
  });
});
