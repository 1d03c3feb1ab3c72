/** What the session needs of an access token's claims. The signature is not checked here. */
interface Claims {
  readonly sub: string;
  readonly sid: string;
}

/** What tabs tell each other of a token. */
export interface SharedToken {
  readonly value: string;
  readonly lifetime: number;
  /** `Date.now()` when the token was requested. All tabs read the same clock. */
  readonly since: number;
}

/** In milliseconds. Processes read the clock with different precision. */
const TOLERANCE = 1_000;

/**
 * An access token, its user and session, and its age in milliseconds.
 *
 * The age is the larger one of what two clocks say. The monotonic clock stops while some computers sleep;
 * the wall clock can be set. Only its difference counts, so a device may be hours off. `exp` is not read.
 */
export class AccessToken {
  readonly userId: string;
  readonly sessionId: string;
  readonly #started: number;

  /** @param age how long ago the token was requested, which is no later than it was issued */
  constructor(
    readonly value: string,
    readonly lifetime: number,
    age: number,
    readonly since = Date.now() - age,
  ) {
    const claims = JSON.parse(atob(payloadOf(value))) as Claims;
    this.userId = claims.sub;
    this.sessionId = claims.sid;
    this.#started = performance.now() - age;
  }

  get shared(): SharedToken {
    return { value: this.value, lifetime: this.lifetime, since: this.since };
  }

  /** The milliseconds until the token expires; negative afterwards. */
  get remaining(): number {
    return this.lifetime - Math.max(performance.now() - this.#started, Date.now() - this.since);
  }

  /** @returns undefined if the clock was set back since, so that the token's age is unknown */
  static fromOtherTab({ value, lifetime, since }: SharedToken): AccessToken | undefined {
    const age = Date.now() - since;
    return age < -TOLERANCE ? undefined : new AccessToken(value, lifetime, age, since);
  }
}

function payloadOf(token: string): string {
  return token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/');
}
