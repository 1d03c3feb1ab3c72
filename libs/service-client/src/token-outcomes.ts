import type { Clock } from './cached-token.js';
import { ServiceTokenError, ServiceUnavailableError } from './errors.js';
import type { Expected } from './issued-token.js';
import type { ServiceTokensSettings } from './service-tokens-options.js';
import type { TokenCounts } from './token-counts.js';

/** What was asked for. */
type Asked = Pick<Expected, 'grant' | 'audience'>;

/** Counts how requests to the issuer end, and tells the listener. */
export class TokenOutcomes {
  constructor(
    private readonly counts: TokenCounts,
    private readonly clock: Clock,
    private readonly onEvent: ServiceTokensSettings['onEvent'],
  ) {}

  /** Returns what `ask` returns, and throws what it throws. */
  async of<T>(asked: Asked, ask: () => Promise<T>): Promise<T> {
    const askedAt = this.clock.monotonicNow();
    try {
      const answer = await ask();
      this.#obtained(asked, this.clock.monotonicNow() - askedAt);
      return answer;
    } catch (error) {
      this.#failed(asked, error);
      throw error;
    }
  }

  #obtained({ grant, audience }: Asked, milliseconds: number): void {
    this.counts.countObtained(grant);
    this.onEvent({ type: 'token_obtained', grant, audience, milliseconds });
  }

  #failed({ grant, audience }: Asked, error: unknown): void {
    this.counts.countFailed(error instanceof ServiceTokenError);
    if (error instanceof ServiceTokenError) {
      const { code, description } = error;
      this.onEvent({ type: 'token_refused', grant, audience, code, description });
    } else if (error instanceof ServiceUnavailableError) {
      this.onEvent({ type: 'issuer_unavailable', grant, audience, reason: error.reason });
    }
  }
}
