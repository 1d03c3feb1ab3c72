import { DelegateBackoff, ExponentialBackoff, handleWhen, retry, type IBackoff } from 'cockatiel';
import type { Deadline } from './deadline.js';
import { ServiceUnavailableError, type UnavailableReason } from './errors.js';

const FIRST_PAUSE_MILLISECONDS = 100;
const MAX_PAUSE_MILLISECONDS = 2_000;

/** Failures that may be over in a moment. */
const PASSING: ReadonlySet<UnavailableReason> = new Set(['unreachable', 'server_error']);

/**
 * Repeats work that fails for a passing reason, after pauses with jitter that grow, or after the time that
 * the service asked for. Does not begin a pause that would end after the deadline.
 *
 * @param retries the maximum number of repetitions
 */
export function withRetries<Result>(
  retries: number,
  deadline: Deadline,
  work: () => Promise<Result>,
): Promise<Result> {
  let pause: IBackoff<unknown> = new ExponentialBackoff({
    initialDelay: FIRST_PAUSE_MILLISECONDS,
    maxDelay: MAX_PAUSE_MILLISECONDS,
  }).next();
  let milliseconds = 0;
  const mayRetry = (error: unknown): boolean => {
    if (!(error instanceof ServiceUnavailableError) || !PASSING.has(error.reason)) return false;
    // The issuer, which the work asks for a token, was asked repeatedly already.
    if (error.service !== deadline.service) return false;
    pause = pause.next(undefined);
    milliseconds = Math.max(pause.duration, (error.retryAfterSeconds ?? 0) * 1000);
    return milliseconds < deadline.remainingMilliseconds;
  };
  const policy = retry(handleWhen(mayRetry), {
    maxAttempts: retries,
    backoff: new DelegateBackoff(() => milliseconds),
  });
  return policy.execute(() => {
    if (deadline.signal.aborted) throw deadline.error();
    return work();
  });
}
