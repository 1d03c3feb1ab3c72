import { randomBytes } from 'node:crypto';
import { KeyDecryptionError } from './errors.js';
import { KeyEncryption } from './key-encryption.js';

/** 'a private key' as `kid-1`, under 32 bytes of 7. */
const STORED_BY_AN_EARLIER_RELEASE = 'AdcWA5Cdq3XkK6+XkQXU7mgZyANIqBX2kniNDPziHKbx8s555ug0MpYr';

describe('KeyEncryption', () => {
  const encryption = new KeyEncryption(randomBytes(32));
  const secret = Buffer.from('a private key');
  const plaintext = (by: KeyEncryption, stored: Uint8Array) =>
    Buffer.from(by.decrypt('kid-1', stored).plaintext);

  it('decrypts what it encrypted', () => {
    const stored = encryption.encrypt('kid-1', secret);
    expect(plaintext(encryption, stored)).toEqual(secret);
    expect(Buffer.from(stored).includes(secret)).toBe(false);
  });

  it('never produces the same bytes twice', () => {
    const [one, two] = [encryption.encrypt('kid-1', secret), encryption.encrypt('kid-1', secret)];
    expect(Buffer.from(one).equals(two)).toBe(false);
  });

  it('names the setting if the key-encryption key is a different one', () => {
    const stored = encryption.encrypt('kid-1', secret);
    const other = new KeyEncryption(randomBytes(32));
    expect(() => other.decrypt('kid-1', stored)).toThrow(KeyDecryptionError);
    expect(() => other.decrypt('kid-1', stored)).toThrow(/kid-1.*KEY_ENCRYPTION_KEY/);
  });

  it('says what to do about it, and reveals nothing about the keys', () => {
    const keys = [randomBytes(32), randomBytes(32)];
    const stored = new KeyEncryption(keys[0]!).encrypt('kid-1', secret);
    const message = () => new KeyEncryption(keys[1]!).decrypt('kid-1', stored);
    expect(message).toThrow(
      /KEY_ENCRYPTION_KEY_PREVIOUS .*KEY_ENCRYPTION_KEY_NEXT .*operations\.md/,
    );
    for (const key of keys)
      for (const encoding of ['base64', 'base64url', 'hex'] as const)
        expect(message).not.toThrow(key.toString(encoding).slice(0, 12));
  });

  describe('with a previous or next key', () => {
    const [old, fresh, unknown] = [randomBytes(32), randomBytes(32), randomBytes(32)];
    const storedUnder = (key: Uint8Array) => new KeyEncryption(key).encrypt('kid-1', secret);

    it.each(['previous', 'next'] as const)('decrypts with the %s one, and reports it', (role) => {
      const encryption = new KeyEncryption(fresh, { [role]: old });
      const opened = encryption.decrypt('kid-1', storedUnder(old));
      expect(Buffer.from(opened.plaintext)).toEqual(secret);
      expect(opened.encryptedWith).toBe(role);
      expect(encryption.decrypt('kid-1', storedUnder(fresh)).encryptedWith).toBe('current');
      expect(() => encryption.decrypt('kid-1', storedUnder(unknown))).toThrow(KeyDecryptionError);
      expect(() => encryption.decrypt('kid-2', storedUnder(old))).toThrow(KeyDecryptionError);
    });

    it.each(['previous', 'next'] as const)('never encrypts with the %s one', (role) => {
      const stored = new KeyEncryption(fresh, { [role]: old }).encrypt('kid-1', secret);
      expect(plaintext(new KeyEncryption(fresh), stored)).toEqual(secret);
      expect(() => new KeyEncryption(old).decrypt('kid-1', stored)).toThrow(KeyDecryptionError);
    });

    it('names each by a fingerprint that is the same in every role', () => {
      const before = new KeyEncryption(old, { next: fresh }).fingerprints;
      const after = new KeyEncryption(fresh, { previous: old }).fingerprints;
      expect(before).toEqual({ current: after.previous, next: after.current });
      expect(after.current).toMatch(/^[0-9a-f]{12}$/);
      expect(after.current).not.toBe(after.previous);
      expect(fresh.toString('hex')).not.toContain(after.current);
    });
  });

  it('reads keys that an earlier release stored', () => {
    const earlier = new KeyEncryption(Buffer.alloc(32, 7));
    expect(plaintext(earlier, Buffer.from(STORED_BY_AN_EARLIER_RELEASE, 'base64'))).toEqual(secret);
  });

  it('refuses a key that is stored under the id of another', () => {
    const stored = encryption.encrypt('kid-1', secret);
    expect(() => encryption.decrypt('kid-2', stored)).toThrow(KeyDecryptionError);
  });

  it('refuses bytes that were changed, truncated or written by something else', () => {
    const stored = encryption.encrypt('kid-1', secret);
    for (let index = 0; index < stored.length; index += 1) {
      const changed = Buffer.from(stored);
      changed[index]! ^= 1;
      expect(() => encryption.decrypt('kid-1', changed)).toThrow(KeyDecryptionError);
    }
    for (const length of [0, 1, 12, 29, stored.length - 1])
      expect(() => encryption.decrypt('kid-1', stored.subarray(0, length))).toThrow(
        KeyDecryptionError,
      );
  });

  it('accepts only keys of 32 bytes', () => {
    for (const length of [0, 16, 31, 33])
      for (const make of [
        () => new KeyEncryption(randomBytes(length)),
        () => new KeyEncryption(randomBytes(32), { previous: randomBytes(length) }),
        () => new KeyEncryption(randomBytes(32), { next: randomBytes(length) }),
      ])
        expect(make).toThrow(RangeError);
  });
});
