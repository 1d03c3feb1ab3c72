import type { RevocationKind } from '@latchkey/contracts';

/**
 * A margin for the verifiers' clocks: revocations are kept this much longer than tokens live. It must exceed
 * the `clockToleranceSeconds` of every verifier (5 by default).
 */
export const VERIFIER_CLOCK_MARGIN_SECONDS = 60;

/** The largest `ACCESS_TOKEN_LIFETIME_SECONDS`. */
export const LONGEST_TOKEN_LIFETIME_SECONDS = 3_600;

/** The default of `keySet.maxAgeSeconds` in `@latchkey/verifier`: a cut-off verifier trusts a key this long. */
const LONGEST_TRUST_IN_A_KEY_SECONDS = 86_400;

/** JetStream's window for deduplicating message ids: retries within it are stored once. */
export const DUPLICATE_WINDOW_SECONDS = 120;

/**
 * How long a revocation is kept after its last matching token has expired. A stolen key can sign tokens
 * of any age, so its revocation lasts as long as a verifier that cannot reach the JWKS trusts the key.
 */
export function keptBeyondTokensSeconds(kind: RevocationKind): number {
  return (kind === 'key' ? LONGEST_TRUST_IN_A_KEY_SECONDS : 0) + VERIFIER_CLOCK_MARGIN_SECONDS;
}

/** How long a revocation is kept, given the lifetime of access tokens. */
export function keptSeconds(kind: RevocationKind, accessTokenLifetimeSeconds: number): number {
  return accessTokenLifetimeSeconds + keptBeyondTokensSeconds(kind);
}

/**
 * The stream's `max_age`. Only key revocations outlive it, and every watermark names those. The stream,
 * and so every replay, thus stays about as short as the tokens' lifetime.
 */
export function streamMaxAgeSeconds(accessTokenLifetimeSeconds: number): number {
  return keptSeconds('session', accessTokenLifetimeSeconds) + DUPLICATE_WINDOW_SECONDS;
}
