import { TokenError, VerifierUnavailableError } from './errors.js';
import type { Principal } from './principal.js';
import type { WhenStale } from './revocation-check.js';
import type { RevocationOptions } from './verifier-options.js';

const DEFAULT_MAX_STALENESS_SECONDS = 5;

/** Judges a good token by the deny-list: loaded, not revoked, fresh enough. */
export type RevocationGate = (principal: Principal, whenStale?: WhenStale) => void;

/** @throws TypeError when `whenStale` is missing beside a deny-list */
export function createRevocationGate(options: RevocationOptions): RevocationGate {
  if (options.revocations === 'unchecked') return () => undefined;
  const { revocations, whenStale, maxStalenessSeconds = DEFAULT_MAX_STALENESS_SECONDS } = options;
  if (whenStale !== 'accept' && whenStale !== 'refuse') {
    throw new TypeError("whenStale must be 'accept' or 'refuse': it has no default");
  }
  if (!(maxStalenessSeconds > 0)) throw new TypeError('maxStalenessSeconds must be positive');
  return (principal, routeWhenStale = whenStale) => {
    // An empty deny-list must never be mistaken for "nobody logged out".
    if (!revocations.loaded) throw new VerifierUnavailableError('revocations_not_loaded');
    if (revocations.isRevoked(principal)) throw new TokenError('revoked');
    const stale = revocations.stalenessSeconds(principal.issuer) > maxStalenessSeconds;
    if (stale && routeWhenStale === 'refuse') {
      throw new VerifierUnavailableError('revocations_stale');
    }
  };
}
