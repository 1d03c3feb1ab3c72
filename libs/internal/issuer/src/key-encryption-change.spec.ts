import { randomBytes } from 'node:crypto';
import { kids, policy, setUp, statesOf } from '../test/key-ring-fixture.js';
import { KeyDecryptionError } from './errors.js';
import { KeyEncryption } from './key-encryption.js';

describe('a key ring whose key-encryption key is changed', () => {
  const [old, fresh] = [randomBytes(32), randomBytes(32)];
  const before = new KeyEncryption(old);
  const announced = new KeyEncryption(old, { next: fresh });
  const switched = new KeyEncryption(fresh, { previous: old });
  const after = new KeyEncryption(fresh);

  async function setUpUnder(encryption: KeyEncryption) {
    const parts = setUp();
    const ring = parts.makeRing({ encryption });
    await ring.maintain();
    const privateKey = ring.signingKey().privateKey.export({ format: 'jwk' });
    const restart = async (by: KeyEncryption, over: Parameters<typeof parts.makeRing>[0] = {}) => {
      const restarted = parts.makeRing({ encryption: by, ...over });
      await restarted.maintain();
      return restarted;
    };
    return { ...parts, ring, privateKey, restart };
  }

  it('re-encrypts every private key, and changes nothing else', async () => {
    const { ring, store, privateKey, restart, advance } = await setUpUnder(before);
    const reading = await store.load();
    advance(10);
    const reencrypted: string[][] = [];
    const onReencrypted = (keyIds: readonly string[]) => reencrypted.push([...keyIds].sort());
    const restarted = await restart(switched, { onReencrypted });
    expect(reencrypted).toEqual([kids(ring).sort()]);
    expect(restarted.encryption).toEqual({
      encryptedWith: { current: 2, previous: 0, next: 0 },
      undecryptable: [],
    });
    expect(restarted.publicKeys).toEqual(ring.publicKeys);
    expect(restarted.states).toEqual(ring.states);
    expect(restarted.signingKey().privateKey.export({ format: 'jwk' })).toEqual(privateKey);
    const now = await store.load();
    for (const [index, key] of now.keys.entries()) {
      const { encryptedPrivateKey, ...rest } = key;
      expect(reading.keys[index]).toMatchObject(rest);
      expect(reading.keys[index]!.encryptedPrivateKey).not.toEqual(encryptedPrivateKey);
    }
    expect((await restart(after)).signingKey().keyId).toBe(ring.signingKey().keyId);
    expect(reencrypted).toHaveLength(1);
  });

  it("does not re-encrypt keys of the next one, so that replicas do not undo each other's work", async () => {
    const { store, restart } = await setUpUnder(after);
    const reading = await store.load();
    const ring = await restart(announced);
    expect(ring.encryption.encryptedWith).toEqual({ current: 0, previous: 0, next: 2 });
    expect((await store.load()).keys).toEqual(reading.keys);
  });

  it('re-encrypts once when replicas do it concurrently', async () => {
    const { makeRing } = await setUpUnder(before);
    const done: number[] = [];
    const rings = [1, 2, 3].map((replica) =>
      makeRing({ encryption: switched, onReencrypted: () => done.push(replica) }),
    );
    await Promise.all(rings.map((ring) => ring.maintain()));
    expect(done).toHaveLength(1);
    for (const ring of rings) expect(ring.encryption.encryptedWith.current).toBe(2);
  });

  it('notices what another replica has re-encrypted', async () => {
    const { ring, restart } = await setUpUnder(announced);
    await restart(switched);
    await ring.maintain();
    expect(ring.encryption.encryptedWith).toEqual({ current: 0, previous: 0, next: 2 });
  });

  describe('on a replica that has only the old one', () => {
    it('still signs, creates nothing, and reports which keys it cannot decrypt', async () => {
      const { ring, store, privateKey, restart, advance } = await setUpUnder(before);
      await restart(switched);
      const reading = await store.load();
      advance(policy.maxReadingAgeSeconds + 1);
      await ring.maintain();
      expect(ring.signingKey().privateKey.export({ format: 'jwk' })).toEqual(privateKey);
      expect(ring.encryption.undecryptable.map(({ keyId }) => keyId).sort()).toEqual(
        kids(ring).sort(),
      );
      advance(policy.rotationSeconds);
      await ring.maintain();
      expect((await store.load()).keys).toEqual(reading.keys);
      await expect(ring.rotate()).rejects.toThrow(KeyDecryptionError);
      expect((await store.load()).keys).toEqual(reading.keys);
    });

    it('stops signing but still publishes when a key that it never decrypted becomes active', async () => {
      const { ring, restart, advance } = await setUpUnder(before);
      const other = await restart(switched);
      for (const seconds of [policy.rotationSeconds, policy.rotationSeconds]) {
        advance(seconds);
        await other.maintain();
      }
      await ring.maintain();
      expect(() => ring.signingKey()).toThrow(/not_decrypted/);
      expect(kids(ring).sort()).toEqual(kids(other).sort());
    });

    it('still revokes a key at once, if that does not need a new one', async () => {
      const { ring, store, restart } = await setUpUnder(before);
      const other = await restart(switched);
      const revoked = ring.signingKey().keyId;
      expect(await store.apply(await ring.changesToRevoke(revoked))).toBe('applied');
      await ring.maintain();
      expect(kids(ring)).not.toContain(revoked);
      await expect(ring.changesToRevoke(ring.signingKey().keyId)).rejects.toThrow(
        KeyDecryptionError,
      );
      await other.maintain();
      expect(statesOf(other)).toEqual(['active', 'pending', 'revoked']);
    });

    it('recovers on its own when the keys are encrypted with the old one again', async () => {
      const { ring, restart } = await setUpUnder(before);
      await restart(switched);
      await ring.maintain();
      expect(ring.encryption.undecryptable).toHaveLength(2);
      await restart(new KeyEncryption(old, { previous: fresh }));
      await ring.maintain();
      expect(ring.encryption.undecryptable).toHaveLength(0);
    });
  });

  it.each([
    ['the new one alone, before the switch', before, after],
    ['the old one alone, after the switch', after, before],
    ['the old and an unknown one', after, new KeyEncryption(old, { next: randomBytes(32) })],
  ])('does not start with %s, and creates no key', async (_, stored, wrong) => {
    const { store, restart } = await setUpUnder(stored);
    const reading = await store.load();
    await expect(restart(wrong)).rejects.toThrow(KeyDecryptionError);
    expect((await store.load()).keys).toEqual(reading.keys);
  });
});
