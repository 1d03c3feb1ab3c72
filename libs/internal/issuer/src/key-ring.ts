import { SigningUnavailableError } from './errors.js';
import type { KeyEncryption } from './key-encryption.js';
import { generateStoredKey } from './key-generation.js';
import {
  planMaintenance,
  planRevocation,
  planRotation,
  secondsUntilPendingIsKnown,
  type KeyPolicy,
  type KeyStep,
} from './key-lifecycle.js';
import { OpenedKeys, type KeyEncryptionState } from './opened-keys.js';
import type { SigningKeyChange, SigningKeySnapshot, SigningKeyStore } from './signing-key-store.js';
import {
  isPublished,
  SIGNING_ALGORITHM,
  type PublicSigningJwk,
  type SigningKey,
  type SigningKeyState,
} from './signing-key.js';

export interface KeyRingOptions {
  readonly store: SigningKeyStore;
  readonly encryption: KeyEncryption;
  readonly policy: KeyPolicy;
  /** Milliseconds that only ever grow. Default `performance.now`. */
  readonly monotonicNow?: () => number;
  /** Told of keys that this replica has encrypted with the current key-encryption key instead of the previous one. */
  readonly onReencrypted?: (keyIds: readonly string[]) => void;
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
  readonly everPublishedKeys: readonly PublicSigningJwk[];
}

/**
 * One replica's view of the issuer's signing keys. Reading is synchronous and in memory; `load` and
 * `maintain` are called every few seconds, so that each replica knows a new key long before any uses it.
 */
export class KeyRing {
  readonly #options: Required<KeyRingOptions>;
  readonly #opened: OpenedKeys;
  #loaded?: Loaded;

  constructor(options: KeyRingOptions) {
    this.#options = {
      monotonicNow: () => performance.now(),
      onReencrypted: () => undefined,
      ...options,
    };
    this.#opened = new OpenedKeys(options.encryption);
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
    return this.#loaded?.everPublishedKeys ?? [];
  }

  /** Every key with its state, newest first, for those who administer them. */
  get states(): readonly { keyId: string; state: SigningKeyState; since: number }[] {
    const keys = this.#loaded?.snapshot.keys ?? [];
    return keys
      .map(({ keyId, state, stateSince }) => ({ keyId, state, since: stateSince }))
      .sort((a, b) => b.since - a.since);
  }

  /** How the private keys are encrypted in the store, as of the last load. */
  get encryption(): KeyEncryptionState {
    return this.#opened.state;
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
    if (!active) {
      const [cause] = this.encryption.undecryptable;
      throw new SigningUnavailableError(cause ? 'not_decrypted' : 'not_loaded', { cause });
    }
    const ageSeconds = (this.#options.monotonicNow() - at) / 1000;
    if (ageSeconds > this.#options.policy.maxSnapshotAgeSeconds)
      throw new SigningUnavailableError('not_fresh');
    return active;
  }

  /**
   * Reads the keys anew. A replica that is running keeps the private keys that it has opened, also when
   * somebody has encrypted them with a key-encryption key that it does not have: see {@link encryption}.
   *
   * @throws KeyDecryptionError at the first load, when a key cannot be decrypted: the configuration is wrong
   */
  async load(): Promise<void> {
    const snapshot = await this.#options.store.load();
    const at = this.#options.monotonicNow();
    this.#opened.update(snapshot.keys);
    if (!this.#loaded) this.#mustDecryptAll();
    const active = this.#activeOf(snapshot);
    const publicKeys = snapshot.keys.filter((k) => isPublished(k.state)).map((k) => k.publicJwk);
    const everPublishedKeys = snapshot.keys
      .filter(({ state }) => state !== 'revoked')
      .map(({ publicJwk }) => publicJwk);
    this.#loaded = { snapshot, at, publicKeys, everPublishedKeys, ...(active && { active }) };
  }

  /**
   * Loads, then does whatever is due, until nothing is. Any number of replicas may do so at once. One
   * that cannot decrypt every key leaves it to the others.
   */
  async maintain(): Promise<void> {
    await this.load();
    for (let round = 0; round < MAINTENANCE_ROUNDS; round += 1) {
      if (this.encryption.undecryptable.length > 0) return;
      if (!(await this.#reencrypt()) && !(await this.#doWhatIsDue())) return;
      await this.load();
    }
  }

  /**
   * Lets the next key take over now, if every verifier can know it.
   *
   * @throws KeyDecryptionError when this replica could not sign with the next key, or the others not with
   * the one that it would make
   */
  async rotate(): Promise<RotationOutcome> {
    const { store, policy } = this.#options;
    await this.maintain();
    this.#mustDecryptAll();
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
   * @throws KeyDecryptionError when a key has to be made, and this replica cannot decrypt those that there are
   */
  async changesToRevoke(keyId: string): Promise<readonly SigningKeyChange[]> {
    await this.load();
    return this.#withKeys(planRevocation(this.#current().snapshot, keyId));
  }

  #current(): Loaded {
    if (!this.#loaded) throw new SigningUnavailableError('not_loaded');
    return this.#loaded;
  }

  /** @throws KeyDecryptionError */
  #mustDecryptAll(): void {
    const [error] = this.encryption.undecryptable;
    if (error) throw error;
  }

  #activeOf({ keys }: SigningKeySnapshot): SigningKey | undefined {
    const keyId = keys.find(({ state }) => state === 'active')?.keyId;
    const privateKey = keyId && this.#opened.get(keyId);
    return privateKey ? { keyId, algorithm: SIGNING_ALGORITHM, privateKey } : undefined;
  }

  /** @returns whether there was anything to do, here or at another replica that was first */
  async #reencrypt(): Promise<boolean> {
    const changes = this.#opened.reencryptions();
    if (changes.length === 0) return false;
    const outcome = await this.#options.store.apply(changes);
    if (outcome === 'applied') this.#options.onReencrypted(changes.map(({ keyId }) => keyId));
    return true;
  }

  async #doWhatIsDue(): Promise<boolean> {
    const steps = planMaintenance(this.#current().snapshot, this.#options.policy);
    if (steps.length === 0) return false;
    await this.#options.store.apply(await this.#withKeys(steps));
    return true;
  }

  /**
   * Keys are made outside of any transaction: making one takes a tenth of a second or more.
   *
   * @throws KeyDecryptionError rather than make a key that the other replicas may not be able to decrypt
   */
  #withKeys(steps: readonly KeyStep[]): Promise<SigningKeyChange[]> {
    if (steps.some(({ type }) => type === 'create')) this.#mustDecryptAll();
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
