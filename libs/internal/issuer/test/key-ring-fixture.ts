import { randomBytes } from 'node:crypto';
import { InMemorySigningKeyStore } from '../src/in-memory-signing-key-store.js';
import { KeyEncryption } from '../src/key-encryption.js';
import type { KeyPolicy } from '../src/key-lifecycle.js';
import { KeyRing } from '../src/key-ring.js';

export const policy: KeyPolicy = {
  publishAheadSeconds: 60,
  rotationSeconds: 1000,
  retireAfterSeconds: 400,
  maxReadingAgeSeconds: 30,
};

/** A clock, a store and key rings that share them. */
export function setUp() {
  const clock = { milliseconds: 1_800_000_000_000 };
  const encryption = new KeyEncryption(randomBytes(32));
  const store = new InMemorySigningKeyStore(() => clock.milliseconds);
  const makeRing = (over: Partial<ConstructorParameters<typeof KeyRing>[0]> = {}) =>
    new KeyRing({
      store,
      encryption,
      policy,
      monotonicNow: () => clock.milliseconds,
      ...over,
    });
  const advance = (seconds: number) => (clock.milliseconds += seconds * 1000);
  return { clock, store, encryption, makeRing, advance, ring: makeRing() };
}

export const statesOf = (ring: KeyRing) => ring.states.map(({ state }) => state).sort();
export const kids = (ring: KeyRing) => ring.publicKeys.map(({ kid }) => kid);
export const pendingOf = (ring: KeyRing) =>
  ring.states.find(({ state }) => state === 'pending')!.keyId;
