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
import type { SigningKeyChange, KeySetReading, SigningKeyStore } from './signing-key-store.js';
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
  /** A monotonic clock in milliseconds. Default `performance.now`. */
  readonly monotonicNow?: () => number;
  /** Called with the ids of keys that this replica has re-encrypted with the current key-encryption key. */
  readonly onReencrypted?: (keyIds: readonly string[]) => void;
}

/** The first start creates two keys, and each lost race with another replica costs a round. */
const MAINTENANCE_ROUNDS = 10;

/** The result of {@link KeyRing.rotate}. */
export type RotationOutcome =
  | { readonly rotated: true; readonly keyId: string }
  /** The next key is not yet known to every verifier. */
  | { readonly rotated: false; readonly retryAfterSeconds: number };

interface Loaded {
  /** Loads are numbered in the order in which they begin. */
  readonly number: number;
  readonly reading: KeySetReading;
  readonly at: number;
  readonly active?: SigningKey;
  readonly publicKeys: readonly PublicSigningJwk[];
  readonly unrevokedKeysSeen: readonly PublicSigningJwk[];
}

/**
 * One replica's view of the issuer's signing keys. Reads are synchronous and in memory. Call `maintain` every few seconds,
 * so that each replica knows a new key long before any replica signs with it.
 */
export class KeyRing {
  readonly #options: Required<KeyRingOptions>;
  readonly #opened: OpenedKeys;
  readonly #unrevokedSeen = new Map<string, PublicSigningJwk>();
  readonly #revokedSeen = new Set<string>();
  #loadsBegun = 0;
  #loaded?: Loaded;

  constructor(options: KeyRingOptions) {
    this.#options = {
      monotonicNow: () => performance.now(),
      onReencrypted: () => undefined,
      ...options,
    };
    this.#opened = new OpenedKeys(options.encryption);
  }

  /** Whether the keys have been loaded. */
  get loaded(): boolean {
    return this.#loaded !== undefined;
  }

  /** The public keys to serve; empty before the first load. They are still served while the store is down. */
  get publicKeys(): readonly PublicSigningJwk[] {
    return this.#loaded?.publicKeys ?? [];
  }

  /**
   * The published keys and the retired ones, whose signatures are still genuine although verifiers no longer know them.
   * Includes keys that the store has lost since an earlier load, as when an older backup was restored. Keys that were
   * revoked when a load last found them are left out, because their signatures prove nothing.
   */
  get unrevokedKeysSeen(): readonly PublicSigningJwk[] {
    return this.#loaded?.unrevokedKeysSeen ?? [];
  }

  /** The keys that any load has found revoked, even if the store has gone backward since. */
  get revokedKeyIdsSeen(): ReadonlySet<string> {
    return this.#revokedSeen;
  }

  /** Every key with its state, newest first, for administrators. */
  get states(): readonly { keyId: string; state: SigningKeyState; since: number }[] {
    const keys = this.#loaded?.reading.keys ?? [];
    return keys
      .map(({ keyId, state, stateSince }) => ({ keyId, state, since: stateSince }))
      .sort((a, b) => b.since - a.since);
  }

  /** How the stored private keys were encrypted at the last load. */
  get encryption(): KeyEncryptionState {
    return this.#opened.state;
  }

  /**
   * The store's time in milliseconds since 1970. It is never ahead of the store's clock, so no replica issues a token
   * with an `iat` that a later revocation would not cover.
   *
   * @throws SigningUnavailableError before the first load
   */
  now(): number {
    const { reading, at } = this.#current();
    return reading.now + (this.#options.monotonicNow() - at);
  }

  /**
   * The key to sign with.
   *
   * @throws SigningUnavailableError if no key was loaded, or so long ago that it may have been revoked since
   */
  signingKey(): SigningKey {
    const { active, at } = this.#current();
    if (!active) {
      const [cause] = this.encryption.undecryptable;
      throw new SigningUnavailableError(cause ? 'not_decrypted' : 'not_loaded', { cause });
    }
    const ageSeconds = (this.#options.monotonicNow() - at) / 1000;
    if (ageSeconds > this.#options.policy.maxReadingAgeSeconds)
      throw new SigningUnavailableError('not_fresh');
    return active;
  }

  /**
   * Loads the keys from the store. A running replica keeps its decrypted private keys, even if another replica has
   * re-encrypted them with a key-encryption key that it does not have: see {@link encryption}.
   *
   * @throws KeyDecryptionError at the first load, if a key cannot be decrypted because of a wrong configuration
   */
  async load(): Promise<void> {
    const number = ++this.#loadsBegun;
    const reading = await this.#options.store.load();
    // An overlapping load that began later knows every change that this one knows, such as a revocation.
    if (this.#loaded && this.#loaded.number > number) return;
    const at = this.#options.monotonicNow();
    this.#opened.update(reading.keys);
    if (!this.#loaded) this.#assertDecryptable();
    const active = this.#activeOf(reading);
    const publicKeys = reading.keys.filter((k) => isPublished(k.state)).map((k) => k.publicJwk);
    this.#remember(reading);
    const unrevokedKeysSeen = [...this.#unrevokedSeen.values()];
    this.#loaded = {
      number,
      reading,
      at,
      publicKeys,
      unrevokedKeysSeen,
      ...(active && { active }),
    };
  }

  /**
   * Loads the keys and makes the changes that are due. Several replicas may do so concurrently. A replica that cannot
   * decrypt every key leaves the changes to the others.
   */
  async maintain(): Promise<void> {
    await this.load();
    for (let round = 0; round < MAINTENANCE_ROUNDS; round += 1) {
      if (this.encryption.undecryptable.length > 0) return;
      if (!(await this.#reencrypt()) && !(await this.#makeDueChanges())) return;
      await this.load();
    }
  }

  /**
   * Rotates to the pending key, if every verifier can know it.
   *
   * @throws KeyDecryptionError if this replica cannot decrypt every key: it might not be able to sign with the next key, or
   * the others with the one that it would create
   */
  async rotate(): Promise<RotationOutcome> {
    const { store, policy } = this.#options;
    await this.maintain();
    this.#assertDecryptable();
    const steps = planRotation(this.#current().reading, policy);
    const rotated =
      steps.length > 0 && (await store.apply(await this.#withKeys(steps))) === 'applied';
    await this.maintain();
    if (rotated) return { rotated, keyId: this.signingKey().keyId };
    const seconds = secondsUntilPendingIsKnown(this.#current().reading, policy);
    return { rotated, retryAfterSeconds: Math.max(1, Math.ceil(seconds)) };
  }

  /**
   * Plans the changes that withdraw a key. The caller applies them in one transaction with its other writes, and then calls
   * {@link maintain}.
   *
   * @returns an empty list if no such key is published
   * @throws KeyDecryptionError if a key must be created, and this replica cannot decrypt the existing ones
   */
  async changesToRevoke(keyId: string): Promise<readonly SigningKeyChange[]> {
    await this.load();
    return this.#withKeys(planRevocation(this.#current().reading, keyId));
  }

  #current(): Loaded {
    if (!this.#loaded) throw new SigningUnavailableError('not_loaded');
    return this.#loaded;
  }

  /** @throws KeyDecryptionError */
  #assertDecryptable(): void {
    const [error] = this.encryption.undecryptable;
    if (error) throw error;
  }

  #remember({ keys }: KeySetReading): void {
    for (const { keyId, state, publicJwk } of keys) {
      if (state === 'revoked') {
        this.#revokedSeen.add(keyId);
        this.#unrevokedSeen.delete(keyId);
      } else this.#unrevokedSeen.set(keyId, publicJwk);
    }
  }

  #activeOf({ keys }: KeySetReading): SigningKey | undefined {
    const keyId = keys.find(({ state }) => state === 'active')?.keyId;
    const privateKey = keyId && this.#opened.get(keyId);
    return privateKey ? { keyId, algorithm: SIGNING_ALGORITHM, privateKey } : undefined;
  }

  /** @returns whether any key had to be re-encrypted, by this replica or by a faster one */
  async #reencrypt(): Promise<boolean> {
    const changes = this.#opened.reencryptions();
    if (changes.length === 0) return false;
    const outcome = await this.#options.store.apply(changes);
    if (outcome === 'applied') this.#options.onReencrypted(changes.map(({ keyId }) => keyId));
    return true;
  }

  async #makeDueChanges(): Promise<boolean> {
    const steps = planMaintenance(this.#current().reading, this.#options.policy);
    if (steps.length === 0) return false;
    await this.#options.store.apply(await this.#withKeys(steps));
    return true;
  }

  /**
   * Generates keys outside any transaction, because each takes a tenth of a second or more.
   *
   * @throws KeyDecryptionError instead of creating a key that other replicas may be unable to decrypt
   */
  #withKeys(steps: readonly KeyStep[]): Promise<SigningKeyChange[]> {
    if (steps.some(({ type }) => type === 'create')) this.#assertDecryptable();
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
