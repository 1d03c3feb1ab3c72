import type { RevocationKind } from '@latchkey/contracts';

/** Clocks of verifiers may be this wrong; tokens and revocations are honoured and kept this much longer. */
const CLOCK_SKEW_SECONDS = 60;

/** Default of `keySet.maxAgeSeconds` in `@latchkey/verifier`: how long a cut-off verifier trusts a key. */
const LONGEST_TRUST_IN_A_KEY_SECONDS = 86_400;

/** JetStream remembers message ids this long; no row is published anew within it. */
export const DUPLICATE_WINDOW_SECONDS = 120;

/**
 * How long a revocation is kept and honoured. A stolen key makes tokens of any age, so its
 * revocation lives as long as a verifier that cannot reach the JWKS may trust the key.
 */
export function keptSeconds(kind: RevocationKind, accessTokenLifetimeSeconds: number): number {
  const tokens = accessTokenLifetimeSeconds + CLOCK_SKEW_SECONDS;
  return kind === 'key' ? LONGEST_TRUST_IN_A_KEY_SECONDS + tokens : tokens;
}

/**
 * A live row is published anew at this age, before the stream lets go of it. Only revocations of
 * keys live that long: the stream, and with it every replay, stays as short as tokens live.
 */
export function republishAfterSeconds(accessTokenLifetimeSeconds: number): number {
  return keptSeconds('session', accessTokenLifetimeSeconds) + DUPLICATE_WINDOW_SECONDS;
}

/** `max_age` of the stream. */
export function streamMaxAgeSeconds(accessTokenLifetimeSeconds: number): number {
  return 2 * republishAfterSeconds(accessTokenLifetimeSeconds);
}
