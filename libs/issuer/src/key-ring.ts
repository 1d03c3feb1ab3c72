import type { KeyObject } from 'node:crypto';
import { SigningUnavailableError } from './errors.js';
import type { KeyEncryption } from './key-encryption.js';
import { generateStoredKey, openPrivateKey } from './key-generation.js';
import {
  planMaintenance,
  planRevocation,
  planRotation,
  secondsUntilPendingIsKnown,
  type KeyPolicy,
  type KeyStep,
} from './key-lifecycle.js';
import type { SigningKeyChange, SigningKeySnapshot, SigningKeyStore } from './signing-key-store.js';
import {
  isPublished,
  SIGNING_ALGORITHM,
  type PublicSigningJwk,
  type SigningKey,
  type SigningKeyState,
  type StoredSigningKey,
} from './signing-key.js';

export interface KeyRingOptions {
  readonly store: SigningKeyStore;
  readonly encryption: KeyEncryption;
  readonly policy: KeyPolicy;
  /** Milliseconds that only ever grow. Default `performance.now`. */
  readonly monotonicNow?: () => number;
}

/** Two keys are made at the very first start; races with other replicas cost a round each. */
const MAINTENANCE_ROUNDS = 10;

/** What became of a wish to rotate. */
export type RotationOutcome =
  | { readonly rotated: true; readonly keyId: string }
  /** The next key is not yet known to every verifier. */
  | { readonly rotated: false; readonly retryAfterSeconds: number };

interface Loaded {
  readonly snapshot: SigningKeySnapshot;
  readonly at: number;
  readonly active?: SigningKey;
  readonly publicKeys: readonly PublicSigningJwk[];
}

/**
 * One replica's view of the issuer's signing keys. Reading is synchronous and in memory; `load` and
 * `maintain` are called every few seconds, so that each replica knows a new key long before any uses it.
 */
export class KeyRing {
  readonly #options: Required<KeyRingOptions>;
  readonly #opened = new Map<string, KeyObject>();
  #loaded?: Loaded;

  constructor(options: KeyRingOptions) {
    this.#options = { monotonicNow: () => performance.now(), ...options };
  }

  /** True once the keys were read for the first time. */
  get loaded(): boolean {
    return this.#loaded !== undefined;
  }

  /** Public halves of every published key; empty before the first load. Served on when the store is away. */
  get publicKeys(): readonly PublicSigningJwk[] {
    return this.#loaded?.publicKeys ?? [];
  }

  /**
   * The same, and those that have retired: their signatures are genuine, though no verifier knows
   * them any more. Without those that were revoked, whose signatures prove nothing.
   */
  get everPublishedKeys(): readonly PublicSigningJwk[] {
    const keys = this.#loaded?.snapshot.keys ?? [];
    return keys.filter(({ state }) => state !== 'revoked').map(({ publicJwk }) => publicJwk);
  }

  /** Every key with its state, newest first, for those who administer them. */
  get states(): readonly { keyId: string; state: SigningKeyState; since: number }[] {
    const keys = this.#loaded?.snapshot.keys ?? [];
    return keys
      .map(({ keyId, state, stateSince }) => ({ keyId, state, since: stateSince }))
      .sort((a, b) => b.since - a.since);
  }

  /**
   * The store's time in milliseconds since 1970, never ahead of it: the answer is older than its
   * arrival. With it no replica writes an `iat` that a revocation decided later would not cover.
   *
   * @throws SigningUnavailableError before the first load
   */
  now(): number {
    const { snapshot, at } = this.#current();
    return snapshot.now + (this.#options.monotonicNow() - at);
  }

  /**
   * The key to sign with now.
   *
   * @throws SigningUnavailableError when none was loaded, or too long ago to know that it was not
   * retired or revoked since
   */
  signingKey(): SigningKey {
    const { active, at } = this.#current();
    if (!active) throw new SigningUnavailableError('not_loaded');
    const ageSeconds = (this.#options.monotonicNow() - at) / 1000;
    if (ageSeconds > this.#options.policy.maxSnapshotAgeSeconds)
      throw new SigningUnavailableError('not_fresh');
    return active;
  }

  /**
   * Reads the keys anew.
   *
   * @throws KeyDecryptionError when the key-encryption key is not the one they were stored under
   */
  async load(): Promise<void> {
    const snapshot = await this.#options.store.load();
    const at = this.#options.monotonicNow();
    const opened = snapshot.keys.map((key) => ({ state: key.state, key: this.#open(key) }));
    const active = opened.find(({ state }) => state === 'active')?.key;
    const publicKeys = snapshot.keys.filter((k) => isPublished(k.state)).map((k) => k.publicJwk);
    this.#loaded = { snapshot, at, publicKeys, ...(active && { active }) };
  }

  /** Loads, then does whatever is due, until nothing is. Any number of replicas may do so at once. */
  async maintain(): Promise<void> {
    await this.load();
    for (let round = 0; round < MAINTENANCE_ROUNDS; round += 1) {
      const steps = planMaintenance(this.#current().snapshot, this.#options.policy);
      if (steps.length === 0) return;
      await this.#options.store.apply(await this.#withKeys(steps));
      await this.load();
    }
  }

  /** Lets the next key take over now, if every verifier can know it. */
  async rotate(): Promise<RotationOutcome> {
    const { store, policy } = this.#options;
    await this.maintain();
    const steps = planRotation(this.#current().snapshot, policy);
    const rotated =
      steps.length > 0 && (await store.apply(await this.#withKeys(steps))) === 'applied';
    await this.maintain();
    if (rotated) return { rotated, keyId: this.signingKey().keyId };
    const seconds = secondsUntilPendingIsKnown(this.#current().snapshot, policy);
    return { rotated, retryAfterSeconds: Math.max(1, Math.ceil(seconds)) };
  }

  /**
   * The changes that withdraw a key, for a caller who applies them together with other writes of
   * one transaction and then calls {@link maintain}.
   *
   * @returns an empty list when no such key is published
   */
  async changesToRevoke(keyId: string): Promise<readonly SigningKeyChange[]> {
    await this.load();
    return this.#withKeys(planRevocation(this.#current().snapshot, keyId));
  }

  #current(): Loaded {
    if (!this.#loaded) throw new SigningUnavailableError('not_loaded');
    return this.#loaded;
  }

  /** Opening costs about a millisecond, so each private key is opened once. */
  #open(key: StoredSigningKey): SigningKey | undefined {
    const { keyId, encryptedPrivateKey } = key;
    if (!encryptedPrivateKey) {
      this.#opened.delete(keyId);
      return undefined;
    }
    const privateKey =
      this.#opened.get(keyId) ??
      openPrivateKey(this.#options.encryption, { keyId, encryptedPrivateKey });
    this.#opened.set(keyId, privateKey);
    return { keyId, algorithm: SIGNING_ALGORITHM, privateKey };
  }

  /** Keys are made outside of any transaction: making one takes a tenth of a second or more. */
  #withKeys(steps: readonly KeyStep[]): Promise<SigningKeyChange[]> {
    const change = async (step: KeyStep): Promise<SigningKeyChange> =>
      step.type === 'move'
        ? step
        : {
            type: 'insert',
            state: step.state,
            key: await generateStoredKey(this.#options.encryption),
          };
    return Promise.all(steps.map(change));
  }
}
