import { KeyDecryptionError, KeyEncryption, KeyRing, type KeyPolicy } from '@latchkey/issuer';
import type { TestDatabase } from '@latchkey/testing';
import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { PostgresSigningKeyStore } from './postgres-signing-key-store.js';
import { SigningKeyEntity } from './signing-key.entity.js';
import { connectToSigningKeys, startSigningKeysDatabase } from '../../test/signing-keys-fixture.js';

const policy: KeyPolicy = {
  publishAheadSeconds: 0,
  rotationSeconds: 3600,
  retireAfterSeconds: 0,
  maxReadingAgeSeconds: 30,
};

describe('PostgresSigningKeyStore', () => {
  let database: TestDatabase;
  const replicas: DataSource[] = [];
  const keyEncryptionKey = randomBytes(32);

  /** Each replica has its own connections, like a separate process. */
  async function makeRing(encryption = new KeyEncryption(keyEncryptionKey)) {
    const dataSource = await connectToSigningKeys(database);
    replicas.push(dataSource);
    const keys = dataSource.getRepository(SigningKeyEntity);
    const store = new PostgresSigningKeyStore(keys, new ServiceClock());
    return { dataSource, store, ring: new KeyRing({ store, encryption, policy }) };
  }

  const countByState = async (dataSource: DataSource) =>
    Object.fromEntries(
      (
        await dataSource.query<{ state: string; count: number }[]>(
          'SELECT state, count(*)::int FROM signing_keys GROUP BY state ORDER BY state',
        )
      ).map(({ state, count }) => [state, count]),
    );

  beforeEach(async () => {
    database = await startSigningKeysDatabase();
  });

  afterEach(async () => {
    await Promise.all(replicas.splice(0).map((dataSource) => dataSource.destroy()));
    await database.drop();
  });

  it('creates one active and one pending key when several replicas start for the first time', async () => {
    const rings = await Promise.all([makeRing(), makeRing(), makeRing(), makeRing()]);
    await Promise.all(rings.map(({ ring }) => ring.maintain()));
    await Promise.all(rings.map(({ ring }) => ring.load()));
    expect(new Set(rings.map(({ ring }) => ring.signingKey().keyId)).size).toBe(1);
    expect(await countByState(rings[0].dataSource)).toEqual({ active: 1, pending: 1 });
  });

  it('lets one replica win when several replace the active key concurrently', async () => {
    const rings = await Promise.all([makeRing(), makeRing(), makeRing()]);
    await Promise.all(rings.map(({ ring }) => ring.maintain()));
    const first = rings[0].ring;
    const old = first.signingKey().keyId;
    const changes = await first.changesToRevoke(old);
    const outcomes = await Promise.all(rings.map(({ store }) => store.apply(changes)));
    expect(outcomes.sort()).toEqual(['applied', 'conflict', 'conflict']);
    await Promise.all(rings.map(({ ring }) => ring.maintain()));
    expect(new Set(rings.map(({ ring }) => ring.signingKey().keyId)).size).toBe(1);
    expect(first.signingKey().keyId).not.toBe(old);
    expect(first.publicKeys.map(({ kid }) => kid)).not.toContain(old);
  });

  it('applies none of several changes if one conflicts', async () => {
    const { ring, store } = await makeRing();
    await ring.maintain();
    const before = await store.load();
    const active = ring.signingKey().keyId;
    const pending = before.keys.find(({ state }) => state === 'pending')!.keyId;
    const outcome = await store.apply([
      { type: 'move', keyId: active, from: 'active', to: 'retiring' },
      { type: 'move', keyId: pending, from: 'retiring', to: 'active' },
    ]);
    expect(outcome).toBe('conflict');
    expect((await store.load()).keys).toEqual(before.keys);
  });

  it('re-encrypts all keys or none, and only if none has changed', async () => {
    const { ring, store } = await makeRing();
    await ring.maintain();
    const { keys } = await store.load();
    const [one, other] = keys.map(({ keyId, encryptedPrivateKey }) => ({
      type: 'reencrypt' as const,
      keyId,
      from: encryptedPrivateKey!,
      to: randomBytes(64),
    }));
    const stale = { ...other!, from: randomBytes(64) };
    expect(await store.apply([one!, stale])).toBe('conflict');
    expect((await store.load()).keys).toEqual(keys);
    expect(await store.apply([one!, other!])).toBe('applied');
    expect(await store.apply([one!, other!])).toBe('conflict');
    const changed = [one!, other!].map(({ to }, index) => ({
      ...keys[index]!,
      encryptedPrivateKey: to,
    }));
    expect((await store.load()).keys).toEqual(changed);
  });

  it("leaves the caller's transaction usable after a conflict", async () => {
    const { dataSource, ring, store } = await makeRing();
    await ring.maintain();
    const outcome = await dataSource.transaction(async (manager) => {
      const change = { type: 'move', keyId: 'unknown', from: 'active', to: 'revoked' } as const;
      const applied = await store.apply([change], manager);
      await manager.query('SELECT 1');
      return applied;
    });
    expect(outcome).toBe('conflict');
  });

  it('encrypts private keys, and deletes them once the key no longer signs', async () => {
    const { dataSource, ring } = await makeRing();
    await ring.maintain();
    await ring.rotate();
    const rows = await dataSource.query<{ state: string; text: string | null }[]>(
      `SELECT state, encode(encrypted_private_key, 'escape') AS text FROM signing_keys`,
    );
    for (const { state, text } of rows)
      expect({ state, kept: text !== null }).toEqual({
        state,
        kept: state === 'active' || state === 'pending',
      });
    const pkcs8 = ring.signingKey().privateKey.export({ format: 'der', type: 'pkcs8' });
    const stored = await dataSource.query<{ bytes: Buffer }[]>(
      `SELECT encrypted_private_key AS bytes FROM signing_keys WHERE state = 'active'`,
    );
    expect(stored[0]?.bytes.includes(pkcs8.subarray(40, 72))).toBe(false);
  });

  it('fails with another key-encryption key, and creates no new keys', async () => {
    const { dataSource, ring } = await makeRing();
    await ring.maintain();
    const before = await countByState(dataSource);
    const misconfigured = await makeRing(new KeyEncryption(randomBytes(32)));
    await expect(misconfigured.ring.maintain()).rejects.toThrow(KeyDecryptionError);
    expect(await countByState(dataSource)).toEqual(before);
  });

  it('shares the keys with a replica that starts later', async () => {
    const first = await makeRing();
    await first.ring.maintain();
    const later = await makeRing();
    await later.ring.maintain();
    expect(later.ring.signingKey().keyId).toBe(first.ring.signingKey().keyId);
    expect(later.ring.publicKeys).toEqual(first.ring.publicKeys);
  });

  it("follows Postgres's clock, and is never ahead of it", async () => {
    const { dataSource, ring } = await makeRing();
    await ring.load();
    for (let round = 0; round < 20; round += 1) {
      const [read, startedAt] = [ring.now(), performance.now()];
      const [{ now }] = await dataSource.query<[{ now: number }]>(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
      );
      expect(read).toBeLessThanOrEqual(now);
      expect(now - read).toBeLessThan(1000 + performance.now() - startedAt);
    }
  });
});
