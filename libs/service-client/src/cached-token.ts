import type { RevocationLookup } from './revocation-lookup.js';

/** The two clocks of a machine, in milliseconds. */
export interface Clock {
  /** Since 1970. It can be set, forward and backward. */
  readonly now: () => number;
  /** Since some moment. It is never set, but may stop while the machine sleeps. */
  readonly monotonicNow: () => number;
}

/** The properties of a {@link CachedToken}. */
export interface CachedTokenFacts {
  /** The lifetime, counted from the moment of the request. */
  readonly lifetimeMilliseconds: number;
  readonly revocation: RevocationLookup;
  /** Whether a token that is obtained later lives longer. */
  readonly isRenewable: boolean;
  /** Whether it took the place of a token that its service had rejected. */
  readonly replacesRejected: boolean;
}

/** After this part of its lifetime, a token that is still in use is renewed. */
const RENEW_AFTER = 0.8;

/** A token that can be used until it expires or is revoked. */
export class CachedToken {
  readonly #token: string;
  readonly #askedAt: number;
  readonly #askedAtMonotonic: number;

  /** @param clock as it was when the token was asked for */
  constructor(
    token: string,
    private readonly facts: CachedTokenFacts,
    clock: Clock,
  ) {
    this.#token = token;
    this.#askedAt = clock.now();
    this.#askedAtMonotonic = clock.monotonicNow();
  }

  /** The token itself. Do not log it. */
  get token(): string {
    return this.#token;
  }

  /** Whether it took the place of a token that its service had rejected. */
  get replacesRejected(): boolean {
    return this.facts.replacesRejected;
  }

  /** Whether the deny-list contains the token itself. */
  isRevoked(): boolean {
    return this.facts.revocation.isRevoked();
  }

  /**
   * Milliseconds since the token was asked for, by the clock on which more time has passed. A clock that was
   * set forward only renews the token early; one that was set backward does not prolong it.
   */
  ageMilliseconds({ now, monotonicNow }: Clock): number {
    return Math.max(monotonicNow() - this.#askedAtMonotonic, now() - this.#askedAt);
  }

  /** Whether the token has expired. */
  isExpired(clock: Clock): boolean {
    return this.ageMilliseconds(clock) >= this.facts.lifetimeMilliseconds;
  }

  /** Whether it is time to obtain the next token. */
  isDue(clock: Clock): boolean {
    const { isRenewable, lifetimeMilliseconds } = this.facts;
    return isRenewable && this.ageMilliseconds(clock) >= lifetimeMilliseconds * RENEW_AFTER;
  }
}

/** The clocks as they are now, for later. */
export function frozen({ now, monotonicNow }: Clock): Clock {
  const [wall, monotonic] = [now(), monotonicNow()];
  return { now: () => wall, monotonicNow: () => monotonic };
}
