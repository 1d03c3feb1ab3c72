import type { KeySetReading } from './signing-key-store.js';
import type { SigningKeyState, StoredSigningKey } from './signing-key.js';

/** All times in seconds. */
export interface KeyPolicy {
  /** A key is published this long before it signs anything. */
  readonly publishAheadSeconds: number;
  /** A key signs this long before the next one takes over. */
  readonly rotationSeconds: number;
  /** A key stays published this long after it stops signing: token lifetime + skew + {@link maxReadingAgeSeconds}. */
  readonly retireAfterSeconds: number;
  /** A replica stops signing when its keys were loaded longer ago than this. */
  readonly maxReadingAgeSeconds: number;
}

/** A planned change. For `create`, the key has not been generated yet. */
export type KeyStep =
  | { readonly type: 'create'; readonly state: 'pending' | 'active' }
  | {
      readonly type: 'move';
      readonly keyId: string;
      readonly from: SigningKeyState;
      readonly to: SigningKeyState;
    };

const inState = (reading: KeySetReading, state: SigningKeyState) =>
  reading.keys.filter((key) => key.state === state);

const move = (key: StoredSigningKey, to: SigningKeyState): KeyStep => ({
  type: 'move',
  keyId: key.keyId,
  from: key.state,
  to,
});

const secondsInState = (key: StoredSigningKey, now: number) => (now - key.stateSince) / 1000;

/** Retires the active key first, because the store allows only one active key at any moment. */
function handOver(active: StoredSigningKey | undefined, pending: StoredSigningKey): KeyStep[] {
  return [...(active ? [move(active, 'retiring')] : []), move(pending, 'active')];
}

/** Seconds until every verifier knows the pending key and it may sign; 0 if it may now. */
export function secondsUntilPendingIsKnown(reading: KeySetReading, policy: KeyPolicy): number {
  const [pending] = inState(reading, 'pending');
  if (!pending) return policy.publishAheadSeconds;
  return Math.max(0, policy.publishAheadSeconds - secondsInState(pending, reading.now));
}

/**
 * Plans the next change that is due; an empty list if none is.
 *
 * There is always a pending key, published long before it is needed, so that a rotation or a revocation switches to a key
 * that every verifier has already fetched. Only the very first key is active at once, because no verifier can have cached
 * a key set without it.
 */
export function planMaintenance(reading: KeySetReading, policy: KeyPolicy): KeyStep[] {
  const [active] = inState(reading, 'active');
  const [pending] = inState(reading, 'pending');
  if (!active)
    return pending ? handOver(undefined, pending) : [{ type: 'create', state: 'active' }];
  if (!pending) return [{ type: 'create', state: 'pending' }];
  const due = secondsInState(active, reading.now) >= policy.rotationSeconds;
  if (due && secondsUntilPendingIsKnown(reading, policy) === 0) return handOver(active, pending);
  return inState(reading, 'retiring')
    .filter((key) => secondsInState(key, reading.now) >= policy.retireAfterSeconds)
    .map((key) => move(key, 'retired'));
}

/** Plans a rotation regardless of the active key's age; empty until every verifier knows the pending key. */
export function planRotation(reading: KeySetReading, policy: KeyPolicy): KeyStep[] {
  const [active] = inState(reading, 'active');
  const [pending] = inState(reading, 'pending');
  if (!pending || secondsUntilPendingIsKnown(reading, policy) > 0) return [];
  return handOver(active, pending);
}

/**
 * Plans the immediate withdrawal of a key. An active key is replaced in the same change by the pending key, even if that
 * was published a moment ago: an extra fetch by verifiers is better than a stolen key.
 *
 * @returns an empty list if no such key is published
 */
export function planRevocation(reading: KeySetReading, keyId: string): KeyStep[] {
  const key = reading.keys.find((candidate) => candidate.keyId === keyId);
  if (!key || key.state === 'retired' || key.state === 'revoked') return [];
  if (key.state !== 'active') return [move(key, 'revoked')];
  const [pending] = inState(reading, 'pending');
  const successor: KeyStep = pending
    ? move(pending, 'active')
    : { type: 'create', state: 'active' };
  return [move(key, 'revoked'), successor];
}
