import { REVOCATION_TRIGGERS, Revocation, type RevocationTrigger } from '@latchkey/contracts';
import { startTestDatabase, type TestDatabase } from '@latchkey/testing';
import { DataSource } from 'typeorm';
import { SigningKeys1700000001100 } from '../migrations/1700000001100-signing-keys.js';
import { Revocations1700000001200 } from '../migrations/1700000001200-revocations.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { RevocationRecord, type RevocationRequest } from './revocation-record.js';

const options = {
  issuer: 'http://127.0.0.1:4000',
  accessTokenLifetimeSeconds: 300,
  nats: { servers: 'nats://127.0.0.1:1' },
};
const TARGETS = {
  session: { sessionId: 's-1' },
  token: { tokenId: 't-1' },
  subject: { subject: 'u-1' },
  client: { clientId: 'c-1' },
  key: { keyId: 'k-1' },
};

describe('RevocationRecord', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let record: RevocationRecord;
  let outbox: RevocationOutbox;

  beforeAll(async () => {
    database = await startTestDatabase();
    dataSource = new DataSource({
      type: 'postgres',
      url: database.url,
      migrations: [SigningKeys1700000001100, Revocations1700000001200],
    });
    await dataSource.initialize();
    await dataSource.runMigrations();
    record = new RevocationRecord(options);
    outbox = new RevocationOutbox(dataSource, options);
  });

  beforeEach(() => dataSource.query('DELETE FROM revocations'));

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const request = (trigger: RevocationTrigger) =>
    ({ trigger, ...TARGETS[REVOCATION_TRIGGERS[trigger]] }) as RevocationRequest;
  const revoke = (what: RevocationRequest) =>
    dataSource.transaction((manager) => record.revoke(manager, what));

  it.each(Object.keys(REVOCATION_TRIGGERS) as RevocationTrigger[])(
    'records %s as its kind, to be published, until no token can match',
    async (trigger) => {
      const nowSeconds = Math.floor((await outbox.now()) / 1000);
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
      expect(await outbox.unpublished(10)).toEqual([revocation]);
    },
  );

  it.each(['logout_everywhere', 'client_revoked'] as const)(
    'covers with %s what was issued until the end of this second',
    async (trigger) => {
      const revocation = await revoke(request(trigger));
      expect(revocation).toMatchObject({ before: revocation.revokedAt + 1 });
    },
  );

  it('is undone with the transaction of what caused it', async () => {
    const failing = dataSource.transaction(async (manager) => {
      await record.revoke(manager, request('logout'));
      throw new Error('the cause failed');
    });
    await expect(failing).rejects.toThrow('the cause failed');
    expect(await outbox.backlog()).toBe(0);
  });

  it('refuses a revocation without a target and leaves nothing behind', async () => {
    await expect(revoke({ trigger: 'logout' } as RevocationRequest)).rejects.toThrow();
    await expect(revoke({ trigger: 'logout', sessionId: '' })).rejects.toThrow();
    expect(await outbox.backlog()).toBe(0);
  });

  describe('RevocationOutbox', () => {
    const insertKey = (kid: string, state: string) =>
      dataSource.query(
        `INSERT INTO signing_keys (kid, state, public_jwk, encrypted_private_key)
         VALUES ($1, $2, '{}', NULL) ON CONFLICT DO NOTHING`,
        [kid, state],
      );

    it('marks nothing for an epoch that was replaced or a key that was revoked', async () => {
      await insertKey('good', 'retiring');
      await insertKey('stolen', 'revoked');
      const { id } = await revoke(request('logout'));
      const { epoch } = await outbox.stream();
      const mark = (of: string, kid: string) =>
        outbox.markPublished([{ id, sequence: 7 }], of, kid);
      expect(await mark(crypto.randomUUID(), 'good')).toBe('epoch_replaced');
      expect(await mark(epoch, 'stolen')).toBe('signing_key_revoked');
      expect(await outbox.backlog()).toBe(1);
      expect(await mark(epoch, 'good')).toBe('marked');
      expect(await outbox.backlog()).toBe(0);
    });

    it('never loses a mark against a replacement of the epoch at the same moment', async () => {
      await insertKey('good', 'retiring');
      for (let round = 0; round < 20; round += 1) {
        const { id } = await revoke(request('logout'));
        const { epoch } = await outbox.stream();
        await Promise.all([
          outbox.markPublished([{ id, sequence: round + 1 }], epoch, 'good'),
          outbox.beginNewEpoch(epoch),
        ]);
        expect((await outbox.unpublished(100)).map((revocation) => revocation.id)).toContain(id);
      }
    });

    it('begins one new epoch however many notice the loss', async () => {
      const { epoch } = await outbox.stream();
      const epochs = await Promise.all([1, 2, 3].map(() => outbox.beginNewEpoch(epoch)));
      expect(new Set(epochs).size).toBe(1);
      expect(epochs[0]).not.toBe(epoch);
    });

    it('publishes anew what is still alive when the stream is about to forget it', async () => {
      await insertKey('good', 'retiring');
      const young = await revoke(request('logout'));
      const old = await revoke(request('signing_key_revoked'));
      const { epoch } = await outbox.stream();
      const published = [young, old].map(({ id }, index) => ({ id, sequence: index + 1 }));
      await outbox.markPublished(published, epoch, 'good');
      await dataSource.query(
        `UPDATE revocations SET published_at = published_at - interval '1 hour' WHERE id = $1`,
        [old.id],
      );
      await outbox.unmarkAging();
      expect((await outbox.unpublished(10)).map(({ id }) => id)).toEqual([old.id]);
    });

    it('purges all that is expired, in batches, and nothing else', async () => {
      const alive = await revoke(request('logout'));
      await dataSource.query(
        `INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at)
         SELECT gen_random_uuid(), 'session', 'logout', 's', 1, 2 FROM generate_series(1, 2500)`,
      );
      expect(await outbox.backlog()).toBe(1);
      await outbox.purgeExpired();
      const rows = await dataSource.query<{ id: string }[]>('SELECT id FROM revocations');
      expect(rows).toEqual([{ id: alive.id }]);
    });
  });
});
