import { DenyList } from '@latchkey/deny-list';
import { randomUUID } from 'node:crypto';
import { ISSUER } from './token-pool.js';

export const STORES = ['deny-list', 'map', 'set'] as const;
export type StoreName = (typeof STORES)[number];

/** Revocations expire evenly over this time. */
export const EXPIRY_SECONDS = 300;
const START_SECONDS = 1_800_000_000;
const EPOCH = randomUUID();

/** A set of revoked sessions. */
export interface RevocationStore {
  add(sessionId: string, index: number): void;
  /** The complete check of a request. */
  isRevoked(sessionId: string): boolean;
  readonly size: number;
  /** Advances the clock by a second and runs a step of expiry; only the deny-list expires entries. */
  readonly expireStep?: () => void;
}

const expiryOf = (index: number) => START_SECONDS + 1 + (index % EXPIRY_SECONDS);

export function createStore(name: StoreName): RevocationStore {
  if (name === 'deny-list') return denyListStore();
  return name === 'map' ? mapStore() : setStore();
}

function denyListStore(): RevocationStore {
  let seconds = START_SECONDS;
  const now = () => seconds * 1000;
  const list = new DenyList({ now, monotonicNow: now });
  const watermark = () =>
    list.applyWatermark({
      issuer: ISSUER,
      timeMilliseconds: now(),
      serials: { from: 1, through: 0 },
      revokedKeys: [],
    });
  watermark();
  return {
    add: (sessionId, index) =>
      list.apply({
        id: EPOCH,
        kind: 'session',
        issuer: ISSUER,
        sessionId,
        revokedAt: START_SECONDS,
        expiresAt: expiryOf(index),
        trigger: 'logout',
      }),
    isRevoked: (sessionId) =>
      list.isRevoked({
        issuer: ISSUER,
        subject: 'ada',
        clientId: 'latchkey-web',
        tokenId: 'token',
        sessionId,
        issuedAt: START_SECONDS,
        keyId: 'key',
      }),
    get size() {
      return list.size;
    },
    expireStep: () => {
      seconds += 1;
      watermark();
    },
  };
}

/** Has the expiry of each entry, but would have to scan all of them to remove any. */
function mapStore(): RevocationStore {
  const map = new Map<string, number>();
  return {
    add: (sessionId, index) => void map.set(sessionId, expiryOf(index)),
    isRevoked: (sessionId) => map.has(sessionId),
    get size() {
      return map.size;
    },
  };
}

/** Cannot expire entries. */
function setStore(): RevocationStore {
  const set = new Set<string>();
  return {
    add: (sessionId) => void set.add(sessionId),
    isRevoked: (sessionId) => set.has(sessionId),
    get size() {
      return set.size;
    },
  };
}
