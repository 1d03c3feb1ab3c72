import { TokenError, VerifierUnavailableError } from './errors.js';
import type { TokenErrorCode, VerifierUnavailableCode } from './errors.js';

/** How many tokens were judged, and how, since the verifier was made. */
export interface VerificationReport {
  readonly accepted: number;
  /** The token was not acceptable, by code. A code that never came up is not there. */
  readonly refused: Readonly<Partial<Record<TokenErrorCode, number>>>;
  /** It could not be told, by code. */
  readonly unavailable: Readonly<Partial<Record<VerifierUnavailableCode, number>>>;
}

/** Counts outcomes. */
export class VerificationCounts {
  #accepted = 0;
  readonly #refused: Partial<Record<TokenErrorCode, number>> = {};
  readonly #unavailable: Partial<Record<VerifierUnavailableCode, number>> = {};

  /** A principal was handed out. */
  countAccepted(): void {
    this.#accepted++;
  }

  /**
   * Counts by kind and code.
   *
   * @returns the code of the error; `error` for one that is neither kind, that is a defect
   */
  countFailed(error: unknown): string {
    if (error instanceof TokenError) {
      this.#refused[error.code] = (this.#refused[error.code] ?? 0) + 1;
      return error.code;
    }
    if (error instanceof VerifierUnavailableError) {
      this.#unavailable[error.code] = (this.#unavailable[error.code] ?? 0) + 1;
      return error.code;
    }
    return 'error';
  }

  /** A copy: it does not go on counting. */
  report(): VerificationReport {
    return {
      accepted: this.#accepted,
      refused: { ...this.#refused },
      unavailable: { ...this.#unavailable },
    };
  }
}
