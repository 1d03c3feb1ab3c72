import type { StatusAnswer, VerifierCounts } from '../../system/system.js';

/** The status is asked again so that a log-out is seen while somebody looks, and less often after a while. */
const EVERY_MILLISECONDS = 2_000;
const LATER_EVERY_MILLISECONDS = 15_000;
const SOON_TIMES = 60;

/** How long to wait before asking again. @param times how often it was asked */
export const untilNextQuestion = (times: number): number =>
  times < SOON_TIMES ? EVERY_MILLISECONDS : LATER_EVERY_MILLISECONDS;

/**
 * Whether an answer stays as it is. A revocation is never taken back, but it takes a while until all verifiers have
 * applied it; one that cannot be known is not known later either.
 */
export function isFinal(answer: StatusAnswer): boolean {
  if (answer.revoked === null) return true;
  return answer.revoked && (!answer.verifiers || isAppliedByAll(answer.verifiers));
}

const isAppliedByAll = ({ applied, known }: VerifierCounts) => applied >= known;
