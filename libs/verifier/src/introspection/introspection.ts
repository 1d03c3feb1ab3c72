import { VerifierUnavailableError } from '../errors.js';
import type { TokenPrincipal } from '../principal.js';
import type { Introspect } from '../verifier-options.js';

/** Limits the load on the auth service when many verifiers are cut off from the feed. */
const MAX_CONCURRENT = 64;

/**
 * Asks the issuer about tokens. Concurrent calls for the same token share one request (single flight).
 * Answers are not cached: a cache would be another list that goes stale.
 */
export class Introspection {
  readonly #flights = new Map<string, Promise<boolean>>();

  constructor(
    private readonly introspect: Introspect,
    private readonly timeoutSeconds: number,
  ) {}

  /**
   * Returns whether the token is still active.
   *
   * @throws VerifierUnavailableError `introspection_unavailable` if there is no valid answer in time
   */
  async isActive(token: string, principal: TokenPrincipal): Promise<boolean> {
    try {
      return await (this.#flights.get(token) ?? this.#ask(token, principal));
    } catch (cause) {
      throw new VerifierUnavailableError('introspection_unavailable', { cause });
    }
  }

  #ask(token: string, principal: TokenPrincipal): Promise<boolean> {
    if (this.#flights.size >= MAX_CONCURRENT)
      throw new Error(`${MAX_CONCURRENT} introspection requests are pending`);
    const signal = AbortSignal.timeout(this.timeoutSeconds * 1000);
    const answer = Promise.race([
      this.introspect(token, principal, signal),
      aborted(signal),
    ]).finally(() => this.#flights.delete(token));
    this.#flights.set(token, answer);
    return answer;
  }
}

/** Enforces the time limit for functions that ignore the signal. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
