import { setTimeout as delay } from 'node:timers/promises';

const JITTER = 0.25;

/** Bounds of the delays between attempts. */
export interface BackoffOptions {
  readonly firstMilliseconds: number;
  /** Delays no longer grow from here on; jitter is added to it. */
  readonly maxMilliseconds: number;
  /** Varies each delay at random by up to this fraction of it, from 0 to 1. Default 0.25. */
  readonly jitter?: number;
}

/**
 * Exponential back-off with jitter, as gRPC clients do it: each delay is twice as long as the one before,
 * up to a maximum. An outage hits all clients at the same time, and a thousand of them must not retry at
 * the same moment.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md
 * @internal Shared by Latchkey's own libraries; it can change in any release.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #delay: number;
  #dueAt = -Infinity;

  /** Creates a back-off whose next delay is the first one. */
  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#delay = options.firstMilliseconds;
  }

  /** Returns the delay before the next attempt; the one after it is longer. */
  nextMilliseconds(): number {
    const { jitter = JITTER, maxMilliseconds } = this.#options;
    const jittered = this.#delay * (1 + jitter * (2 * Math.random() - 1));
    this.#delay = Math.min(this.#delay * 2, maxMilliseconds);
    return jittered;
  }

  /** Waits for the next delay, or until the signal aborts. Leaves no timer behind. */
  async wait(signal?: AbortSignal): Promise<void> {
    await delay(this.nextMilliseconds(), undefined, { signal }).catch((error: unknown) => {
      if (!signal?.aborted) throw error;
    });
  }

  /** Whether an attempt is due at `now` (`performance.now()`); schedules the next one if so. */
  isDue(now: number): boolean {
    if (now < this.#dueAt) return false;
    this.#dueAt = now + this.nextMilliseconds();
    return true;
  }

  /** Starts over with the first delay, after a success. */
  reset(): void {
    this.#delay = this.#options.firstMilliseconds;
    this.#dueAt = -Infinity;
  }
}
