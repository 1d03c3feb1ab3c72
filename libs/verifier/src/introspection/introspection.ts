import { VerifierUnavailableError } from '../errors.js';
import type { TokenPrincipal } from '../principal.js';
import type { Introspect } from '../verifier-options.js';

/** A verifier that is cut off from its feed must not take the auth service down as well. */
const MOST_AT_ONCE = 64;

/**
 * Asks the issuer about one token at a time. Who asks about a token that is being asked about shares
 * that answer; no answer is kept, which would only be another list that grows stale.
 */
export class Introspection {
  readonly #asking = new Map<string, Promise<boolean>>();

  constructor(
    private readonly introspect: Introspect,
    private readonly timeoutSeconds: number,
  ) {}

  /**
   * Whether the issuer still honours this token.
   *
   * @throws VerifierUnavailableError `introspection_unavailable`: nobody answered, or not to the point
   */
  async isActive(token: string, principal: TokenPrincipal): Promise<boolean> {
    try {
      return await (this.#asking.get(token) ?? this.#ask(token, principal));
    } catch (cause) {
      throw new VerifierUnavailableError('introspection_unavailable', { cause });
    }
  }

  #ask(token: string, principal: TokenPrincipal): Promise<boolean> {
    if (this.#asking.size >= MOST_AT_ONCE)
      throw new Error(`${MOST_AT_ONCE} tokens are being asked about`);
    const signal = AbortSignal.timeout(this.timeoutSeconds * 1000);
    const answer = Promise.race([
      this.introspect(token, principal, signal),
      aborted(signal),
    ]).finally(() => this.#asking.delete(token));
    this.#asking.set(token, answer);
    return answer;
  }
}

/** A source that takes no notice of the signal is not waited for. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
