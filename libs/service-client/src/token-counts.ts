import type { CircuitReport } from './circuit.js';

/** The state of the tokens, for health checks and metrics. It contains no secrets. */
export interface ServiceTokensStatus {
  /** Tokens in the cache. */
  readonly entries: number;
  /** Calls that were answered from the cache. */
  readonly hits: number;
  /** Tokens that were obtained with the client's own credentials. */
  readonly ownTokens: number;
  /** Tokens that were obtained for a user's. */
  readonly exchanges: number;
  /** Requests that the issuer refused. */
  readonly refusals: number;
  /** Requests that the issuer did not answer, or whose answer could not be used. */
  readonly failures: number;
  /** Entries that were dropped because they expired, were revoked, or were rejected by a service. */
  readonly dropped: number;
  /** Requests that wait, because enough others are being answered. */
  readonly waiting: number;
  /** Whether the issuer's token endpoint is called at the moment. */
  readonly circuit: CircuitReport;
}

/** Counts since the start. */
export class TokenCounts {
  #hits = 0;
  #ownTokens = 0;
  #exchanges = 0;
  #refusals = 0;
  #failures = 0;
  #dropped = 0;

  /** Counts a call that the cache answered. */
  countHit(): void {
    this.#hits++;
  }

  /** Counts an entry that cannot be used any longer. */
  countDropped(): void {
    this.#dropped++;
  }

  /** Counts a token that the issuer sent. */
  countObtained(grant: 'client_credentials' | 'token_exchange'): void {
    if (grant === 'token_exchange') this.#exchanges++;
    else this.#ownTokens++;
  }

  /** Counts a request without a token: refused, or not answered. */
  countFailed(isRefused: boolean): void {
    if (isRefused) this.#refusals++;
    else this.#failures++;
  }

  /** Returns all counts. */
  report(): Omit<ServiceTokensStatus, 'entries' | 'circuit' | 'waiting'> {
    return {
      hits: this.#hits,
      ownTokens: this.#ownTokens,
      exchanges: this.#exchanges,
      refusals: this.#refusals,
      failures: this.#failures,
      dropped: this.#dropped,
    };
  }
}
