import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { KeyDecryptionError } from './errors.js';

const CIPHER = 'aes-256-gcm';
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FINGERPRINT_HEX_DIGITS = 12;

/** The length of a key-encryption key. */
const KEY_ENCRYPTION_KEY_BYTES = 32;

/**
 * The role of a key-encryption key. All roles decrypt; only `current` encrypts. Keys encrypted with `previous` are
 * re-encrypted with `current`. Keys encrypted with `next` stay as they are: during a change of configuration `next` is
 * already `current` on other replicas, and the two groups would undo each other's work.
 */
export type KeyEncryptionRole = 'current' | 'previous' | 'next';

export interface DecryptedKey {
  readonly plaintext: Uint8Array;
  readonly encryptedWith: KeyEncryptionRole;
}

interface KeyEncryptionKey {
  readonly role: KeyEncryptionRole;
  readonly bytes: Uint8Array;
}

/**
 * Encrypts private keys at rest with AES-256-GCM (NIST SP 800-38D) and a new 96-bit nonce per key. The `kid` is the
 * additional data, so that one stored key cannot be swapped for another.
 *
 * Layout: format (1 byte), nonce (12), ciphertext, tag (16). The tag shows which key-encryption key is the right one.
 */
export class KeyEncryption {
  readonly #keys: readonly [KeyEncryptionKey, ...KeyEncryptionKey[]];

  /** @throws RangeError unless each key has 32 bytes */
  constructor(
    current: Uint8Array,
    decryptOnly: { previous?: Uint8Array | undefined; next?: Uint8Array | undefined } = {},
  ) {
    const { previous, next } = decryptOnly;
    this.#keys = [
      keyEncryptionKey('current', current),
      ...(previous ? [keyEncryptionKey('previous', previous)] : []),
      ...(next ? [keyEncryptionKey('next', next)] : []),
    ];
  }

  /** One-way fingerprints of the keys, so that operators can compare the configuration of replicas. */
  get fingerprints(): Readonly<Partial<Record<KeyEncryptionRole, string>>> {
    return Object.fromEntries(this.#keys.map(({ role, bytes }) => [role, fingerprint(bytes)]));
  }

  encrypt(keyId: string, plaintext: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#keys[0].bytes, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(keyId));
    const parts = [Buffer.of(FORMAT), nonce, cipher.update(plaintext), cipher.final()];
    return Buffer.concat([...parts, cipher.getAuthTag()]);
  }

  /** @throws KeyDecryptionError if no key decrypts the bytes, or the bytes or the `kid` were changed */
  decrypt(keyId: string, stored: Uint8Array): DecryptedKey {
    const bytes = Buffer.from(stored);
    if (bytes[0] !== FORMAT || bytes.length <= 1 + NONCE_BYTES + TAG_BYTES)
      throw new KeyDecryptionError(keyId, { cause: new Error('unknown format') });
    const causes: unknown[] = [];
    for (const key of this.#keys)
      try {
        return { plaintext: decryptWith(key, keyId, bytes), encryptedWith: key.role };
      } catch (cause) {
        causes.push(cause);
      }
    throw new KeyDecryptionError(keyId, { cause: causes[0] });
  }
}

function keyEncryptionKey(role: KeyEncryptionRole, bytes: Uint8Array): KeyEncryptionKey {
  if (bytes.byteLength !== KEY_ENCRYPTION_KEY_BYTES)
    throw new RangeError(`a key-encryption key must have ${KEY_ENCRYPTION_KEY_BYTES} bytes`);
  return { role, bytes: Uint8Array.from(bytes) };
}

function decryptWith({ bytes: key }: KeyEncryptionKey, keyId: string, bytes: Buffer): Uint8Array {
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(keyId));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const ciphertext = bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

/** The keys are random, so a fingerprint cannot be reversed by guessing. */
function fingerprint(key: Uint8Array): string {
  const hash = createHmac('sha256', key).update('latchkey key-encryption key').digest('hex');
  return hash.slice(0, FINGERPRINT_HEX_DIGITS);
}
