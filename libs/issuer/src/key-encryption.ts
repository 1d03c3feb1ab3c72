import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KeyDecryptionError } from './errors.js';

const CIPHER = 'aes-256-gcm';
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Length of a key-encryption key. */
export const KEY_ENCRYPTION_KEY_BYTES = 32;

/**
 * Keeps private keys unreadable at rest: AES-256-GCM (NIST SP 800-38D), a fresh 96-bit nonce per
 * key, the `kid` as additional data so that a stored key cannot be passed off as another.
 *
 * Layout: format (1 byte), nonce (12), ciphertext, tag (16).
 */
export class KeyEncryption {
  readonly #key: Uint8Array;

  /** @throws RangeError unless `keyEncryptionKey` has 32 bytes */
  constructor(keyEncryptionKey: Uint8Array) {
    if (keyEncryptionKey.byteLength !== KEY_ENCRYPTION_KEY_BYTES)
      throw new RangeError(`a key-encryption key has ${KEY_ENCRYPTION_KEY_BYTES} bytes`);
    this.#key = Uint8Array.from(keyEncryptionKey);
  }

  encrypt(keyId: string, plaintext: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(keyId));
    const parts = [Buffer.of(FORMAT), nonce, cipher.update(plaintext), cipher.final()];
    return Buffer.concat([...parts, cipher.getAuthTag()]);
  }

  /** @throws KeyDecryptionError when the key, the `kid` or the stored bytes are not those of the encryption */
  decrypt(keyId: string, stored: Uint8Array): Uint8Array {
    const bytes = Buffer.from(stored);
    if (bytes[0] !== FORMAT || bytes.length <= 1 + NONCE_BYTES + TAG_BYTES)
      throw new KeyDecryptionError(keyId, { cause: new Error('unknown format') });
    const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(keyId));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const ciphertext = bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES);
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    } catch (cause) {
      throw new KeyDecryptionError(keyId, { cause });
    }
  }
}
