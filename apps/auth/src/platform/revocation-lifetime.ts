import type { RevocationKind } from '@latchkey/contracts';

/** Clocks of verifiers may be this wrong; tokens and revocations are honoured and kept this much longer. */
export const CLOCK_SKEW_SECONDS = 60;

/** The largest `ACCESS_TOKEN_LIFETIME_SECONDS`. */
export const LONGEST_TOKEN_LIFETIME_SECONDS = 3_600;

/** Default of `keySet.maxAgeSeconds` in `@latchkey/verifier`: how long a cut-off verifier trusts a key. */
const LONGEST_TRUST_IN_A_KEY_SECONDS = 86_400;

/** JetStream remembers message ids this long: a retry within it is stored once. */
export const DUPLICATE_WINDOW_SECONDS = 120;

/**
 * How long a revocation is kept and honoured after the last token that it matches has expired. A stolen
 * key makes tokens of any age, so its revocation lives as long as a verifier that cannot reach the JWKS
 * may trust the key.
 */
export function keptBeyondTokensSeconds(kind: RevocationKind): number {
  return (kind === 'key' ? LONGEST_TRUST_IN_A_KEY_SECONDS : 0) + CLOCK_SKEW_SECONDS;
}

/** How long a revocation is kept and honoured, where tokens live that long. */
export function keptSeconds(kind: RevocationKind, accessTokenLifetimeSeconds: number): number {
  return accessTokenLifetimeSeconds + keptBeyondTokensSeconds(kind);
}

/**
 * `max_age` of the stream: no live revocation leaves it, but those of keys, which every watermark
 * names. So the stream, and with it every replay, is as short as tokens live.
 */
export function streamMaxAgeSeconds(accessTokenLifetimeSeconds: number): number {
  return keptSeconds('session', accessTokenLifetimeSeconds) + DUPLICATE_WINDOW_SECONDS;
}
