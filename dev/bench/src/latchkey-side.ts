import { DenyList } from '@latchkey/deny-list';
import { createVerifier, type Verifier } from '@latchkey/verifier';
import { randomUUID } from 'node:crypto';
import { AUDIENCE, ISSUER, LIFETIME_SECONDS, type TokenPool } from './token-pool.js';

const EPOCH = randomUUID();

/** A deny-list that is loaded, as in a running service. */
export function loadedDenyList(sessions: number): DenyList {
  const list = new DenyList();
  const revokedAt = Math.floor(Date.now() / 1000);
  for (let index = 0; index < sessions; index++)
    list.apply({
      id: EPOCH,
      kind: 'session',
      issuer: ISSUER,
      sessionId: randomUUID(),
      revokedAt,
      expiresAt: revokedAt + LIFETIME_SECONDS,
      trigger: 'logout',
    });
  list.markLoaded();
  return list;
}

/** Applies a watermark, which the auth service sends every second. */
export function refreshWatermark(list: DenyList): void {
  list.applyWatermark({
    issuer: ISSUER,
    timeMilliseconds: Date.now(),
    serials: { from: 1, through: 0 },
    revokedKeys: [],
  });
}

/** A verifier with every check enabled: revocations, staleness and the strictest policy. */
export async function readyVerifier(
  { jwk }: Pick<TokenPool, 'jwk'>,
  revocations: DenyList,
  maxCachedTokens?: number,
): Promise<Verifier> {
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    revocations,
    whenStale: 'refuse',
    keys: () => Promise.resolve({ keys: [jwk] }),
    ...(maxCachedTokens !== undefined && { maxCachedTokens }),
  });
  await verifier.loadKeys();
  return verifier;
}
