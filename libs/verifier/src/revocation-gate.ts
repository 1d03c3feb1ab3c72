import { TokenError, VerifierUnavailableError } from './errors.js';
import type { TokenPrincipal } from './principal.js';
import type { WhenStale } from './revocation-check.js';
import type { RevocationOptions } from './verifier-options.js';

const WHEN_STALE: ReadonlySet<unknown> = new Set<WhenStale>(['accept', 'refuse', 'ask']);
const DEFAULT_MAX_STALENESS_SECONDS = 5;
/** A log-out arrives within a few; whoever is further behind is cut off. */
const LONGEST_WAIT_MILLISECONDS = 250;

/** Asks the deny-list about tokens whose signature is good. */
export interface RevocationGate {
  /** What {@link check} will ask about this token, at each of its uses. */
  prepare(principal: TokenPrincipal): RevocationQuestion;
  /**
   * Loaded, not revoked, fresh enough.
   *
   * @returns whether the issuer is to be asked about it: the list is stale, and the route says `ask`
   * @throws TokenError `revoked`
   * @throws TypeError for `ask` where nobody can be asked
   * @throws VerifierUnavailableError `revocations_not_loaded`, `revocations_stale`
   */
  check(token: PreparedToken, whenStale?: WhenStale): boolean;
  /**
   * Waits until everything up to this number of the token's issuer has been applied.
   *
   * @throws VerifierUnavailableError `revocations_behind`
   */
  reach(token: PreparedToken, minSerial: number): Promise<void>;
  /** By how many seconds the issuer's clock is ahead of this machine's; 0 while that is not known. */
  issuerAheadSeconds(issuer: string): number;
}

export interface RevocationQuestion {
  isRevoked(): boolean;
}

export interface PreparedToken {
  readonly principal: TokenPrincipal;
  readonly revocation: RevocationQuestion;
}

const IGNORED: RevocationGate = {
  prepare: () => ({ isRevoked: () => false }),
  check: () => false,
  reach: () => Promise.resolve(),
  issuerAheadSeconds: () => 0,
};

/** @throws TypeError when `whenStale` is missing beside a deny-list */
export function createRevocationGate(
  options: RevocationOptions,
  requireIntrospection: (issuer: string) => unknown,
): RevocationGate {
  if (options.revocations === 'ignore') return IGNORED;
  const { revocations, whenStale, maxStalenessSeconds = DEFAULT_MAX_STALENESS_SECONDS } = options;
  if (!WHEN_STALE.has(whenStale)) {
    throw new TypeError("whenStale must be 'accept', 'refuse' or 'ask': it has no default");
  }
  if (!(maxStalenessSeconds > 0)) throw new TypeError('maxStalenessSeconds must be positive');
  return {
    prepare: (principal) =>
      revocations.prepare?.(principal) ?? { isRevoked: () => revocations.isRevoked(principal) },
    check: (token, routeWhenStale = whenStale) => {
      // An empty deny-list must never be mistaken for "nobody logged out". That holds where the issuer
      // could be asked, too: a verifier that is not ready gets no requests.
      if (!revocations.loaded) throw new VerifierUnavailableError('revocations_not_loaded');
      if (token.revocation.isRevoked()) throw new TokenError('revoked');
      if (routeWhenStale === 'accept') return false;
      // Not first when it is needed: a route that cannot do what it says is a fault in the program.
      if (routeWhenStale === 'ask') requireIntrospection(token.principal.issuer);
      if (revocations.stalenessSeconds(token.principal.issuer) <= maxStalenessSeconds) return false;
      if (routeWhenStale === 'ask') return true;
      throw new VerifierUnavailableError('revocations_stale');
    },
    reach: async ({ principal }, minSerial) => {
      const reached = revocations.waitForSerial?.(
        principal.issuer,
        minSerial,
        LONGEST_WAIT_MILLISECONDS,
      );
      if (!(await reached)) throw new VerifierUnavailableError('revocations_behind');
    },
    issuerAheadSeconds: (issuer) => revocations.clockOffsetSeconds?.(issuer) ?? 0,
  };
}
