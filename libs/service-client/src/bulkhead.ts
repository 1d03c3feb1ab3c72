import { bulkhead, BulkheadRejectedError, type BulkheadPolicy } from 'cockatiel';
import type { Deadline } from './deadline.js';
import { ServiceUnavailableError } from './errors.js';

/** How much may be asked of the issuer at a time. */
export interface BulkheadOptions {
  /** Requests that are sent at the same time. Default: 20. */
  readonly limit?: number;
  /** Requests that may wait for their turn. Default: 1,000. */
  readonly queue?: number;
}

/**
 * If the service hangs, all requests that wait end within a moment. None of them must be sent as the one before it
 * ends, only to be aborted.
 */
const LEAST_MILLISECONDS = 20;

/**
 * Bounds the requests to a service, so that the first calls of many users, after a cold start, do not reach it all
 * at the same time.
 */
export class Bulkhead {
  readonly #policy: BulkheadPolicy;
  readonly #queue: number;

  constructor(
    private readonly service: string,
    { limit = 20, queue = 1_000 }: BulkheadOptions = {},
  ) {
    this.#policy = bulkhead(limit, queue);
    this.#queue = queue;
  }

  /** How many requests wait for their turn. */
  get waiting(): number {
    return this.#queue - this.#policy.queueSlots;
  }

  /**
   * Does the work when it is its turn.
   *
   * @throws ServiceUnavailableError `overloaded` if too much waits already, the error of the deadline if that
   *   ends first, or the error of the work
   */
  async run<Result>(deadline: Deadline, work: () => Promise<Result>): Promise<Result> {
    const mustWait = this.#policy.executionSlots === 0;
    try {
      // The policy is not given the signal: its queue stops at an entry whose signal has aborted (cockatiel 3.2).
      return await this.#policy.execute(() => {
        if (deadline.signal.aborted) throw deadline.error();
        if (mustWait && deadline.remainingMilliseconds < LEAST_MILLISECONDS)
          throw new ServiceUnavailableError(this.service, 'deadline');
        return work();
      });
    } catch (error) {
      if (!(error instanceof BulkheadRejectedError)) throw error;
      throw new ServiceUnavailableError(this.service, 'overloaded');
    }
  }
}
