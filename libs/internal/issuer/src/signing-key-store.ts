import type { SigningKeyState, StoredSigningKey } from './signing-key.js';

/** All keys, with the time by the store's own clock: replicas with different clocks agree on it. */
export interface SigningKeySnapshot {
  readonly keys: readonly StoredSigningKey[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** One step in a key's life. The store stamps its time. */
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
      /** The same private key under another key-encryption key. State and time stay what they are. */
      readonly type: 'reencrypt';
      readonly keyId: string;
      readonly from: Uint8Array;
      readonly to: Uint8Array;
    };

/**
 * Where the keys live; shared by all replicas of the issuer.
 *
 * The store is the only arbiter between replicas: at most one key is `active` and at most one is
 * `pending`, and a change whose `from` is no longer true changes nothing.
 */
export abstract class SigningKeyStore {
  abstract load(): Promise<SigningKeySnapshot>;
  /**
   * Applies all changes, in order, or none.
   *
   * @returns `conflict` when another replica was first: load again and plan anew
   */
  abstract apply(changes: readonly SigningKeyChange[]): Promise<'applied' | 'conflict'>;
}
