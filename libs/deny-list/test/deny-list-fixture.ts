import type { Revocation } from '@latchkey/contracts';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { DenyList, TokenIdentity } from '../src/index.js';

export const ISSUER = 'https://issuer.test';
export const START = 1_800_000_000;

/** A clock that a test advances. */
export function clock() {
  let seconds = START;
  const now = () => seconds * 1000;
  return {
    now,
    options: { now, monotonicNow: now, clockToleranceSeconds: 5 },
    pass: (by: number) => (seconds += by),
  };
}

export type Target =
  | { kind: 'session'; sessionId: string }
  | { kind: 'token'; tokenId: string }
  | { kind: 'key'; keyId: string }
  | { kind: 'subject'; subject: string; before: number }
  | { kind: 'client'; clientId: string; before: number };

export const revocation = (target: Target, expiresAt = START + 300): Revocation => ({
  id: randomUUID(),
  issuer: ISSUER,
  revokedAt: START,
  expiresAt,
  trigger: 'logout',
  ...target,
});

export const token = (more: Partial<TokenIdentity> = {}): TokenIdentity => ({
  issuer: ISSUER,
  subject: 'ada',
  clientId: 'web',
  tokenId: 't1',
  sessionId: 's1',
  issuedAt: START - 10,
  keyId: 'k1',
  ...more,
});

/** Number of watermarks after which every expired entry is dropped. */
export const STEPS = 64;
/** Drops every expired entry. */
export function sweep(list: DenyList, now: number): void {
  for (let step = 0; step < STEPS; step++) list.applyWatermark(watermark(now + step));
}

const names = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
const times = fc.integer({ min: START - 50, max: START + 50 });
export const anyTarget: fc.Arbitrary<Target> = fc.oneof(
  fc.record({ kind: fc.constant('session' as const), sessionId: names }),
  fc.record({ kind: fc.constant('token' as const), tokenId: names }),
  fc.record({ kind: fc.constant('key' as const), keyId: names }),
  fc.record({ kind: fc.constant('subject' as const), subject: names, before: times }),
  fc.record({ kind: fc.constant('client' as const), clientId: names, before: times }),
);
export const anyIdentity = fc.record({
  issuer: fc.constant(ISSUER),
  subject: names,
  clientId: names,
  tokenId: names,
  sessionId: names,
  keyId: names,
  issuedAt: times,
});

/** Whether a revocation of the target covers the token. */
export function matches(target: Target, probe: TokenIdentity): boolean {
  switch (target.kind) {
    case 'session':
      return target.sessionId === probe.sessionId;
    case 'token':
      return target.tokenId === probe.tokenId;
    case 'key':
      return target.keyId === probe.keyId;
    case 'subject':
      return target.subject === probe.subject && probe.issuedAt < target.before;
    case 'client':
      return target.clientId === probe.clientId && probe.issuedAt < target.before;
  }
}

export const watermark = (timeMilliseconds: number) => ({
  issuer: ISSUER,
  timeMilliseconds,
  serials: { from: 1, through: 0 },
  revokedKeys: [],
});
