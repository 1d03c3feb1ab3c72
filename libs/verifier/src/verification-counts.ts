import { TokenError, VerifierUnavailableError } from './errors.js';
import type { TokenErrorCode, VerifierUnavailableCode } from './errors.js';
import type { VerificationOutcome } from './verifier-options.js';

/** Calls of `verify()` since the start, by outcome. */
export interface VerificationReport {
  readonly accepted: number;
  /** Rejected tokens by error code. Codes that have not occurred are absent. */
  readonly refused: Readonly<Partial<Record<TokenErrorCode, number>>>;
  /** Tokens that could not be verified, by error code. */
  readonly unavailable: Readonly<Partial<Record<VerifierUnavailableCode, number>>>;
}

/** Counts the outcomes of `verify()`. */
export class VerificationCounts {
  #accepted = 0;
  readonly #rejected: Partial<Record<TokenErrorCode, number>> = {};
  readonly #unavailable: Partial<Record<VerifierUnavailableCode, number>> = {};

  /** Counts an accepted token. */
  countAccepted(): void {
    this.#accepted++;
  }

  /** Counts a token that was not accepted, and returns the outcome. */
  countFailed(error: unknown): VerificationOutcome {
    if (error instanceof TokenError) {
      this.#rejected[error.code] = (this.#rejected[error.code] ?? 0) + 1;
      return error.code;
    }
    if (error instanceof VerifierUnavailableError) {
      this.#unavailable[error.code] = (this.#unavailable[error.code] ?? 0) + 1;
      return error.code;
    }
    return 'error';
  }

  /** Returns a copy that does not change. */
  report(): VerificationReport {
    return {
      accepted: this.#accepted,
      refused: { ...this.#rejected },
      unavailable: { ...this.#unavailable },
    };
  }
}
