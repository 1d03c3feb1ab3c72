import type { AccessToken } from './access-token.js';
import type { SessionError } from './session-error.js';

/**
 * A visible page refreshes when a part of the lifetime between these is left, so that tabs do not coincide, and nobody
 * knows when: a thief who refreshes within the same grace period as the user gets the same token (ADR 0054).
 */
const LEFT = { least: 0.15, most: 0.3 };
/** In milliseconds: the first pause after a failure, which doubles, and the longest one. */
const PAUSE = { first: 1_000, longest: 30_000 };
/** In milliseconds. A timer overflows after 24 days, and then fires immediately. */
const LONGEST_RETRY_AFTER = 3_600_000;

/** Calls when it is time to refresh. */
export class RefreshTimer {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(private readonly onTime: () => void) {}

  isDue({ remaining, lifetime }: AccessToken): boolean {
    return remaining < lifetime * LEFT.most;
  }

  /** Replaces what it waited for. Backs off after a failure. */
  start(token: AccessToken | undefined, failure?: SessionError): void {
    this.stop();
    this.#failures = failure ? this.#failures + 1 : 0;
    const wait = failure ? this.#pause(failure) : token ? untilDue(token) : 0;
    this.#timer = setTimeout(this.onTime, Math.max(wait, 0));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #pause({ retryAfterSeconds = 0 }: SessionError): number {
    const pause = Math.min(PAUSE.first * 2 ** (this.#failures - 1), PAUSE.longest);
    const jittered = pause * (0.5 + Math.random() / 2);
    return Math.max(jittered, Math.min(retryAfterSeconds * 1000, LONGEST_RETRY_AFTER));
  }
}

function untilDue({ remaining, lifetime }: AccessToken): number {
  return remaining - lifetime * (LEFT.least + Math.random() * (LEFT.most - LEFT.least));
}
