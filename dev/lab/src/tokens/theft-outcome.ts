import type { Attempt, Theft } from './tokens-report.js';

/** What a stolen token was good for. */
export interface TheftOutcome {
  /** Routes that need a token. */
  readonly tried: number;
  /** Requests that got past the guards, whatever became of them. */
  readonly letIn: readonly Attempt[];
  /** Requests that have changed something other than the order whose tokens were stolen. */
  readonly done: readonly Attempt[];
}

const REFUSALS: ReadonlySet<number> = new Set([401, 403]);

/** Sums up a theft. */
export function outcomeOf({ attempts }: Theft): TheftOutcome {
  const letIn = attempts.filter(({ status }) => !REFUSALS.has(status));
  return {
    tried: attempts.length,
    letIn,
    done: letIn.filter(({ operation, status }) => status < 300 && !operation.startsWith('GET ')),
  };
}
