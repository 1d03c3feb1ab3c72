import { SigningKeyStore, type SigningKeyChange, type KeySetReading } from './signing-key-store.js';
import type { StoredSigningKey } from './signing-key.js';

function applied(
  keys: ReadonlyMap<string, StoredSigningKey>,
  change: SigningKeyChange,
  now: number,
): StoredSigningKey | undefined {
  if (change.type === 'insert') return { ...change.key, state: change.state, stateSince: now };
  const key = keys.get(change.keyId);
  if (change.type === 'reencrypt') return reencrypted(key, change);
  if (key?.state !== change.from) return undefined;
  const { encryptedPrivateKey, ...rest } = key;
  const signs = change.to === 'pending' || change.to === 'active';
  return {
    ...rest,
    ...(signs && encryptedPrivateKey && { encryptedPrivateKey }),
    state: change.to,
    stateSince: now,
  };
}

function reencrypted(
  key: StoredSigningKey | undefined,
  { from, to }: Extract<SigningKeyChange, { type: 'reencrypt' }>,
): StoredSigningKey | undefined {
  if (!key?.encryptedPrivateKey || !Buffer.from(from).equals(key.encryptedPrivateKey))
    return undefined;
  return { ...key, encryptedPrivateKey: to };
}

/** Keeps keys in memory: for tests, and for a single issuer whose tokens need not outlive the process. */
export class InMemorySigningKeyStore extends SigningKeyStore {
  #keys = new Map<string, StoredSigningKey>();

  /** @param now milliseconds since 1970 */
  constructor(private readonly now: () => number = () => Date.now()) {
    super();
  }

  override load(): Promise<KeySetReading> {
    return Promise.resolve({ keys: [...this.#keys.values()], now: this.now() });
  }

  override apply(changes: readonly SigningKeyChange[]): Promise<'applied' | 'conflict'> {
    const next = new Map(this.#keys);
    for (const change of changes) {
      const key = applied(next, change, this.now());
      if (!key) return Promise.resolve('conflict');
      next.set(key.keyId, key);
    }
    for (const state of ['pending', 'active'] as const)
      if ([...next.values()].filter((key) => key.state === state).length > 1)
        return Promise.resolve('conflict');
    this.#keys = next;
    return Promise.resolve('applied');
  }
}
