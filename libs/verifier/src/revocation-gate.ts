import { TokenError, VerifierUnavailableError } from './errors.js';
import type { TokenPrincipal } from './principal.js';
import type { WhenStale } from './revocation-check.js';
import type { RevocationOptions } from './verifier-options.js';

const WHEN_STALE: ReadonlySet<unknown> = new Set<WhenStale>(['accept', 'refuse', 'ask']);
const DEFAULT_MAX_STALENESS_SECONDS = 5;
/** A log-out arrives within a few milliseconds; a verifier that lags more than this is cut off. */
const MAX_WAIT_MILLISECONDS = 250;

/** Checks tokens with a valid signature against the deny-list. */
export interface RevocationGate {
  /** Prepares the lookup that {@link check} repeats at each use of the token. */
  prepare(principal: TokenPrincipal): RevocationLookup;
  /**
   * Checks that the deny-list is loaded, does not contain the token, and is fresh enough.
   *
   * @returns true if the issuer must be asked, because the list is stale and `whenStale` is `ask`
   * @throws TokenError `revoked`
   * @throws TypeError if `whenStale` is `ask` and the issuer has no introspection
   * @throws VerifierUnavailableError `revocations_not_loaded`, `revocations_stale`
   */
  check(token: PreparedToken, whenStale?: WhenStale): boolean;
  /**
   * Waits until all revocations of the token's issuer up to this serial number have been applied.
   *
   * @throws VerifierUnavailableError `revocations_behind`
   */
  waitForSerial(token: PreparedToken, minSerial: number): Promise<void>;
  /** Returns by how many seconds the issuer's clock is ahead of this machine's; 0 if unknown. */
  issuerAheadSeconds(issuer: string): number;
}

export interface RevocationLookup {
  isRevoked(): boolean;
}

export interface PreparedToken {
  readonly principal: TokenPrincipal;
  readonly revocation: RevocationLookup;
}

const IGNORED: RevocationGate = {
  prepare: () => ({ isRevoked: () => false }),
  check: () => false,
  waitForSerial: () => Promise.resolve(),
  issuerAheadSeconds: () => 0,
};

/** @throws TypeError if an option is missing or invalid */
export function createRevocationGate(
  options: RevocationOptions,
  requireIntrospection: (issuer: string) => unknown,
): RevocationGate {
  if (options.revocations === 'ignore') return IGNORED;
  const { revocations, whenStale, maxStalenessSeconds = DEFAULT_MAX_STALENESS_SECONDS } = options;
  if (!WHEN_STALE.has(whenStale)) {
    throw new TypeError("whenStale must be 'accept', 'refuse' or 'ask'; it has no default");
  }
  if (!(maxStalenessSeconds > 0))
    throw new TypeError('maxStalenessSeconds must be a positive number of seconds');
  return {
    prepare: (principal) =>
      revocations.prepare?.(principal) ?? { isRevoked: () => revocations.isRevoked(principal) },
    check: (token, routeWhenStale = whenStale) => {
      // An empty deny-list must not be mistaken for "nobody logged out". This includes `ask`, because a
      // verifier that is not ready should not receive requests.
      if (!revocations.loaded) throw new VerifierUnavailableError('revocations_not_loaded');
      if (token.revocation.isRevoked()) throw new TokenError('revoked');
      if (routeWhenStale === 'accept') return false;
      // Check this even if the list is fresh: a route without introspection is a programming error.
      if (routeWhenStale === 'ask') requireIntrospection(token.principal.issuer);
      if (revocations.stalenessSeconds(token.principal.issuer) <= maxStalenessSeconds) return false;
      if (routeWhenStale === 'ask') return true;
      throw new VerifierUnavailableError('revocations_stale');
    },
    waitForSerial: async ({ principal }, minSerial) => {
      const applied = revocations.waitForSerial?.(
        principal.issuer,
        minSerial,
        MAX_WAIT_MILLISECONDS,
      );
      if (!(await applied)) throw new VerifierUnavailableError('revocations_behind');
    },
    issuerAheadSeconds: (issuer) => revocations.clockOffsetSeconds?.(issuer) ?? 0,
  };
}
