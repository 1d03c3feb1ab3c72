import type { SigningKeyState, StoredSigningKey } from './signing-key.js';

/** One reading of all keys, with the time of the store's clock, on which replicas with different clocks agree. */
export interface KeySetReading {
  readonly keys: readonly StoredSigningKey[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A change of one key. The store sets its time. */
export type SigningKeyChange =
  | {
      readonly type: 'insert';
      readonly state: 'pending' | 'active';
      readonly key: Required<Pick<StoredSigningKey, 'keyId' | 'publicJwk' | 'encryptedPrivateKey'>>;
    }
  | {
      readonly type: 'move';
      readonly keyId: string;
      readonly from: SigningKeyState;
      readonly to: SigningKeyState;
    }
  | {
      /** The same private key under another key-encryption key. The state and its time do not change. */
      readonly type: 'reencrypt';
      readonly keyId: string;
      readonly from: Uint8Array;
      readonly to: Uint8Array;
    };

/**
 * Stores the signing keys for all replicas of the issuer, and arbitrates between them: at most one key is `active` and at
 * most one is `pending`, and a change whose `from` is outdated has no effect.
 */
export abstract class SigningKeyStore {
  abstract load(): Promise<KeySetReading>;
  /**
   * Applies all changes in order, or none.
   *
   * @returns `conflict` if another replica was faster; load the keys and plan again
   */
  abstract apply(changes: readonly SigningKeyChange[]): Promise<'applied' | 'conflict'>;
}
