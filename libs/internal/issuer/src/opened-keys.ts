import type { KeyObject } from 'node:crypto';
import { KeyDecryptionError } from './errors.js';
import type { KeyEncryption, KeyEncryptionRole } from './key-encryption.js';
import { openPrivateKey, reencrypt, type OpenedKey } from './key-generation.js';
import type { SigningKeyChange } from './signing-key-store.js';
import type { EncryptedSigningKey, StoredSigningKey } from './signing-key.js';

/** One replica's view of how the stored private keys are encrypted. */
export interface KeyEncryptionState {
  /** How many stored keys each key-encryption key decrypts. */
  readonly encryptedWith: Readonly<Record<KeyEncryptionRole, number>>;
  /** One error for each stored key that no key-encryption key decrypts. */
  readonly undecryptable: readonly KeyDecryptionError[];
}

interface Entry extends OpenedKey {
  readonly stored: EncryptedSigningKey;
}

/** The decrypted private keys of one replica. Decrypting takes about a millisecond, so each key is decrypted once. */
export class OpenedKeys {
  #entries: ReadonlyMap<string, Entry> = new Map();
  #undecryptable: ReadonlyMap<string, KeyDecryptionError> = new Map();

  constructor(private readonly encryption: KeyEncryption) {}

  get state(): KeyEncryptionState {
    const encryptedWith = { current: 0, previous: 0, next: 0 };
    for (const [keyId, entry] of this.#entries)
      if (!this.#undecryptable.has(keyId)) encryptedWith[entry.encryptedWith] += 1;
    return { encryptedWith, undecryptable: [...this.#undecryptable.values()] };
  }

  get(keyId: string): KeyObject | undefined {
    return this.#entries.get(keyId)?.privateKey;
  }

  /** Decrypts the keys that are stored now, and forgets all others. */
  update(keys: readonly StoredSigningKey[]): void {
    const entries = new Map<string, Entry>();
    const undecryptable = new Map<string, KeyDecryptionError>();
    for (const { keyId, encryptedPrivateKey } of keys) {
      if (!encryptedPrivateKey) continue;
      const before = this.#entries.get(keyId);
      try {
        entries.set(keyId, this.#open({ keyId, encryptedPrivateKey }, before));
      } catch (error) {
        if (!(error instanceof KeyDecryptionError)) throw error;
        undecryptable.set(keyId, error);
        // A key's id is the hash of its public key, so this is still the same private key.
        if (before) entries.set(keyId, before);
      }
    }
    [this.#entries, this.#undecryptable] = [entries, undecryptable];
  }

  /** The changes that re-encrypt every key of the previous key-encryption key with the current one. */
  reencryptions(): Extract<SigningKeyChange, { type: 'reencrypt' }>[] {
    return [...this.#entries]
      .filter(([keyId]) => !this.#undecryptable.has(keyId))
      .filter(([, { encryptedWith }]) => encryptedWith === 'previous')
      .map(([, { stored }]) => reencrypt(this.encryption, stored));
  }

  #open(stored: EncryptedSigningKey, before: Entry | undefined): Entry {
    const unchanged = before && isSame(before.stored, stored);
    return unchanged ? before : { stored, ...openPrivateKey(this.encryption, stored) };
  }
}

const isSame = (one: EncryptedSigningKey, other: EncryptedSigningKey) =>
  Buffer.from(one.encryptedPrivateKey).equals(other.encryptedPrivateKey);
