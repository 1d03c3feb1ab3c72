import { randomBytes } from 'node:crypto';
import { KeyDecryptionError } from './errors.js';
import { KeyEncryption } from './key-encryption.js';

describe('KeyEncryption', () => {
  const encryption = new KeyEncryption(randomBytes(32));
  const secret = Buffer.from('a private key');

  it('gives back what it closed', () => {
    const stored = encryption.encrypt('kid-1', secret);
    expect(Buffer.from(encryption.decrypt('kid-1', stored))).toEqual(secret);
    expect(Buffer.from(stored).includes(secret)).toBe(false);
  });

  it('never makes the same bytes twice', () => {
    const [one, two] = [encryption.encrypt('kid-1', secret), encryption.encrypt('kid-1', secret)];
    expect(Buffer.from(one).equals(two)).toBe(false);
  });

  it('names the setting when the key-encryption key is another', () => {
    const stored = encryption.encrypt('kid-1', secret);
    const other = new KeyEncryption(randomBytes(32));
    expect(() => other.decrypt('kid-1', stored)).toThrow(KeyDecryptionError);
    expect(() => other.decrypt('kid-1', stored)).toThrow(/kid-1.*KEY_ENCRYPTION_KEY/);
  });

  it('refuses a key stored under the name of another', () => {
    const stored = encryption.encrypt('kid-1', secret);
    expect(() => encryption.decrypt('kid-2', stored)).toThrow(KeyDecryptionError);
  });

  it('refuses bytes that were changed anywhere, cut off or never written by it', () => {
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

  it('takes keys of 32 bytes only', () => {
    for (const length of [0, 16, 31, 33])
      expect(() => new KeyEncryption(randomBytes(length))).toThrow(RangeError);
  });
});
