import { REVOCATION_TRIGGERS, Revocation, type RevocationTrigger } from '@latchkey/contracts';
import { options, request, TARGETS, useRecord } from '../../test/record-testbed.js';
import { storedId } from '../../test/stored-id-fixture.js';
import type { RevocationRequest } from './revocation-record.js';

/** The time for which a revocation is kept. */
const KEPT_MILLISECONDS = 360_000;

describe('RevocationRecord', () => {
  const bed = useRecord();

  it.each(Object.keys(REVOCATION_TRIGGERS) as RevocationTrigger[])(
    'records %s with its kind, unpublished, until no token can match',
    async (trigger) => {
      const nowSeconds = bed.clock.seconds();
      const revocation = await bed.revoke(request(trigger));
      expect(revocation).toMatchObject({
        trigger,
        kind: REVOCATION_TRIGGERS[trigger],
        issuer: options.issuer,
        ...TARGETS[REVOCATION_TRIGGERS[trigger]],
      });
      expect(Revocation.parse(revocation)).toEqual(revocation);
      expect(revocation.revokedAt).toBeGreaterThanOrEqual(nowSeconds);
      expect(revocation.expiresAt).toBeGreaterThanOrEqual(revocation.revokedAt + 300 + 5);
      expect(await bed.outbox.unpublished(10)).toEqual([revocation.id]);
    },
  );

  it.each([
    ['logout_everywhere', 'the end of this second', 1],
    ['client_revoked', 'the end of this second plus the maximum clock skew', 3],
  ] as const)('covers with %s all tokens issued until %s', async (trigger, _, seconds) => {
    const revocation = await bed.revoke(request(trigger));
    expect(revocation).toMatchObject({ before: revocation.revokedAt + seconds });
  });

  it.each(Object.keys(REVOCATION_TRIGGERS) as RevocationTrigger[])(
    'covers and outlives with %s a token whose `iat` is in the future',
    async (trigger) => {
      const issuedUntil = bed.clock.seconds() + 500;
      const what = request(trigger);
      const revocation = await bed.revoke(what, issuedUntil);
      expect(revocation.expiresAt).toBeGreaterThan(
        issuedUntil + options.accessTokenLifetimeSeconds,
      );
      if ('before' in revocation) expect(revocation.before).toBeGreaterThan(issuedUntil);
    },
  );

  it('is rolled back with its transaction', async () => {
    const failing = bed.dataSource.transaction(async (manager) => {
      await bed.record.revoke(manager, request('logout'));
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await bed.outbox.backlog()).toBe(0);
  });

  it('refuses a revocation without a target', async () => {
    await expect(bed.revoke({ trigger: 'logout' } as RevocationRequest)).rejects.toThrow();
    await expect(bed.revoke({ trigger: 'logout', sessionId: storedId('') })).rejects.toThrow();
    expect(await bed.outbox.backlog()).toBe(0);
  });

  describe('RevocationOutbox', () => {
    const insertKey = (kid: string, state: string) =>
      bed.dataSource.query(
        `INSERT INTO signing_keys (kid, state, public_jwk, encrypted_private_key)
         VALUES ($1, $2, '{}', NULL) ON CONFLICT DO NOTHING`,
        [kid, state],
      );

    it('marks nothing if the epoch was replaced or the key revoked', async () => {
      await insertKey('good', 'retiring');
      await insertKey('stolen', 'revoked');
      const { id } = await bed.revoke(request('logout'));
      const { epoch } = await bed.streamRecord.stream();
      const mark = (of: string, kid: string) =>
        bed.outbox.markPublished([{ id, sequence: 7 }], of, kid);
      expect(await mark(crypto.randomUUID(), 'good')).toBe('epoch_replaced');
      expect(await mark(epoch, 'stolen')).toBe('signing_key_revoked');
      expect(await bed.outbox.backlog()).toBe(1);
      expect(await mark(epoch, 'good')).toBe('marked');
      expect(await bed.outbox.backlog()).toBe(0);
    });

    it('marks nothing at a sequence that was used before', async () => {
      await insertKey('good', 'retiring');
      const [first, second] = [
        await bed.revoke(request('logout')),
        await bed.revoke(request('logout')),
      ];
      const { epoch } = await bed.streamRecord.stream();
      const mark = ({ id }: { id: string }, sequence: number) =>
        bed.outbox.markPublished([{ id, sequence }], epoch, 'good');
      expect(await mark(first, 7)).toBe('marked');
      expect(await mark(second, 7)).toBe('stream_rolled_back');
      await bed.streamRecord.recordSequence(epoch, 9);
      expect(await mark(second, 9)).toBe('stream_rolled_back');
      expect(await bed.outbox.unpublished(10)).toEqual([second.id]);
      expect(await mark(second, 8)).toBe('marked');
    });

    it('marks nothing when the epoch is replaced concurrently', async () => {
      await insertKey('good', 'retiring');
      for (let round = 0; round < 20; round += 1) {
        const { id } = await bed.revoke(request('logout'));
        const { epoch } = await bed.streamRecord.stream();
        await Promise.all([
          bed.outbox.markPublished([{ id, sequence: round + 1 }], epoch, 'good'),
          bed.streamRecord.beginNewEpoch(epoch),
        ]);
        expect(await bed.outbox.unpublished(100)).toContain(id);
      }
    });

    // Postgres chooses the plan, and so the order of unordered rows, by the size of the table.
    it.each([0, 50, 300, 1_000, 3_000])(
      'lists every sequence that none of %i revocations has, in ascending order',
      async (count) => {
        await bed.dataSource.query(
          `INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at,
                                    published_at, stream_sequence)
           SELECT gen_random_uuid(), 'session', 'logout', 's', 1, 2, now(), 2 * n
           FROM generate_series(1, $1::int) AS n`,
          [count],
        );
        await bed.dataSource.query('ANALYZE revocations');
        const positions = Array.from({ length: 900 }, (_, index) => index + 1);
        expect(await bed.streamRecord.unrecordedSequences(1, 900)).toEqual(
          positions.filter((position) => position % 2 === 1 || position > 2 * count),
        );
      },
    );

    it('begins one new epoch when several replicas detect the loss', async () => {
      const { epoch } = await bed.streamRecord.stream();
      const epochs = await Promise.all([1, 2, 3].map(() => bed.streamRecord.beginNewEpoch(epoch)));
      expect(new Set(epochs).size).toBe(1);
      expect(epochs[0]).not.toBe(epoch);
    });

    it('purges only expired revocations, in batches', async () => {
      const alive = await bed.revoke(request('logout'));
      await bed.dataSource.query(
        `INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at)
         SELECT gen_random_uuid(), 'session', 'logout', 's', 1, 2 FROM generate_series(1, 2500)`,
      );
      expect(await bed.outbox.backlog()).toBe(1);
      bed.uptimeMilliseconds = KEPT_MILLISECONDS;
      await bed.expired.purge();
      const rows = await bed.dataSource.query<{ id: string }[]>('SELECT id FROM revocations');
      expect(rows).toEqual([{ id: alive.id }]);
    });

    it('purges nothing until a clock leap can be ruled out', async () => {
      await bed.revoke(request('logout'));
      await bed.dataSource.query('UPDATE revocations SET expires_at = 1');
      bed.uptimeMilliseconds += KEPT_MILLISECONDS - 1_000;
      await bed.expired.purge();
      expect(await bed.dataSource.query('SELECT id FROM revocations')).toHaveLength(1);
      bed.uptimeMilliseconds += 1_000;
      await bed.expired.purge();
      expect(await bed.dataSource.query('SELECT id FROM revocations')).toEqual([]);
    });

    it('keeps a numbered revocation until it is published, even after it has expired', async () => {
      await insertKey('good', 'retiring');
      const { id } = await bed.revoke(request('logout'));
      await bed.numbers().number([id]);
      await bed.dataSource.query('UPDATE revocations SET expires_at = 1');
      bed.uptimeMilliseconds = KEPT_MILLISECONDS;
      await bed.expired.purge();
      expect(await bed.outbox.unpublished(10)).toEqual([id]);
      await bed.outbox.markPublished(
        [{ id, sequence: 1 }],
        (await bed.streamRecord.stream()).epoch,
        'good',
      );
      await bed.expired.purge();
      expect(await bed.dataSource.query('SELECT id FROM revocations')).toEqual([]);
    });

    it('names revoked keys next to the serials until they expire', async () => {
      const key = await bed.revoke(request('signing_key_revoked'));
      const { id } = await bed.revoke(request('logout'));
      const serial = Math.min(
        ...(await bed.numbers().number([key.id, id])).revocations.map((each) => each.serial),
      );
      const { serials: range, revokedKeys } = await bed.streamRecord.numbered();
      expect(revokedKeys).toEqual([{ keyId: 'k-1', expiresAt: key.expiresAt }]);
      expect(range.through).toBe(serial + 1);
      await bed.dataSource.query("UPDATE revocations SET expires_at = 1 WHERE kind <> 'key'");
      const empty = await bed.streamRecord.numbered();
      expect(empty.serials).toEqual({ from: serial + 2, through: serial + 1 });
    });
  });
});
