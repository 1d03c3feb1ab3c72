import { DenyList } from '@latchkey/deny-list';
import { createVerifier, type Verifier } from '@latchkey/verifier';
import { randomUUID } from 'node:crypto';
import { AUDIENCE, ISSUER, type BenchIssuer } from './bench-issuer.js';

/** Long enough to stay fresh for a whole run: a real feed has a watermark each second. */
const MAX_STALENESS_SECONDS = 3_600;

/** Ours, as a service has it: a loaded deny-list, strict about its age. */
export async function latchkeyVerifier(
  { jwk }: Pick<BenchIssuer, 'jwk'>,
  denyList: DenyList,
  more: { cachedTokens?: number } = {},
): Promise<Verifier> {
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: () => Promise.resolve({ keys: [jwk] }),
    revocations: denyList,
    whenStale: 'refuse',
    maxStalenessSeconds: MAX_STALENESS_SECONDS,
    ...more,
  });
  await verifier.loadKeys();
  return verifier;
}

export function loadedDenyList(): DenyList {
  const denyList = new DenyList();
  denyList.applyWatermark({
    issuer: ISSUER,
    timeMilliseconds: Date.now(),
    position: 0,
    epoch: randomUUID(),
  });
  denyList.markLoaded();
  return denyList;
}

/** A session that nobody in the run has. */
export function revokeSomeSession(denyList: DenyList, expiresAt: number): void {
  denyList.apply({
    kind: 'session',
    id: randomUUID(),
    issuer: ISSUER,
    sessionId: randomUUID(),
    revokedAt: expiresAt - 3_600,
    expiresAt,
    trigger: 'logout',
  });
}
