import { TokenError, VerifierUnavailableError } from './errors.js';
import type { TokenPrincipal } from './principal.js';
import type { WhenStale } from './revocation-check.js';
import type { DenyListSettings, RevocationSettings } from './settings/revocation-settings.js';

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
   * @throws VerifierUnavailableError `revocations_not_loaded`, `revocations_behind`
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
  // It cannot have applied the log-out that the caller has seen.
  waitForSerial: () => Promise.reject(new VerifierUnavailableError('revocations_behind')),
  issuerAheadSeconds: () => 0,
};

/** What a gate needs to know about the issuers of a verifier. */
export interface GateIssuers {
  readonly names: readonly string[];
  /** @throws TypeError if the issuer has no introspection */
  requireIntrospection(issuer: string): unknown;
  /** Called when the list receives revocations of another issuer only. */
  warnOfMissingRevocations(issuer: string): void;
}

export function createRevocationGate(
  settings: RevocationSettings,
  issuers: GateIssuers,
): RevocationGate {
  return settings === 'ignore' ? IGNORED : gateOf(settings, issuers);
}

function gateOf(
  { denyList, whenStale, maxStalenessSeconds }: DenyListSettings,
  issuers: GateIssuers,
): RevocationGate {
  const hasWatermark = (issuer: string) => denyList.stalenessSeconds(issuer) !== Infinity;
  const requireLoaded = () => {
    // An empty deny-list must not be mistaken for "nobody logged out". This includes `ask`, because a
    // verifier that is not ready should not receive requests.
    if (!denyList.loaded) throw new VerifierUnavailableError('revocations_not_loaded');
  };
  return {
    prepare: (principal) => {
      const { issuer } = principal;
      if (denyList.loaded && !hasWatermark(issuer) && issuers.names.some(hasWatermark))
        issuers.warnOfMissingRevocations(issuer);
      return denyList.prepare?.(principal) ?? { isRevoked: () => denyList.isRevoked(principal) };
    },
    check: (token, routeWhenStale = whenStale) => {
      requireLoaded();
      if (token.revocation.isRevoked()) throw new TokenError('revoked');
      if (routeWhenStale === 'accept') return false;
      // Check this even if the list is fresh: a route without introspection is a programming error.
      if (routeWhenStale === 'ask') issuers.requireIntrospection(token.principal.issuer);
      if (denyList.stalenessSeconds(token.principal.issuer) <= maxStalenessSeconds) return false;
      if (routeWhenStale === 'ask') return true;
      throw new VerifierUnavailableError('revocations_stale');
    },
    waitForSerial: async ({ principal }, minSerial) => {
      requireLoaded();
      const applied = denyList.waitForSerial?.(principal.issuer, minSerial, MAX_WAIT_MILLISECONDS);
      if (!(await applied)) throw new VerifierUnavailableError('revocations_behind');
    },
    issuerAheadSeconds: (issuer) => denyList.clockOffsetSeconds?.(issuer) ?? 0,
  };
}
