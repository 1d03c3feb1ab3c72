import { setTimeout as delay } from 'node:timers/promises';

/** Bounds of the delay between two attempts. */
export interface BackOffOptions {
  readonly firstMilliseconds: number;
  readonly maxMilliseconds: number;
}

/**
 * Exponential back-off with jitter. An outage hits all verifiers at the same time, and a thousand of
 * them must not retry at the same moment.
 */
export class BackOff {
  #delay: number;
  #dueAt = -Infinity;

  constructor(private readonly options: BackOffOptions) {
    this.#delay = options.firstMilliseconds;
  }

  /** Waits for the next delay, or until the signal aborts. Leaves no timer behind. */
  async wait(signal: AbortSignal): Promise<void> {
    await delay(this.#next(), undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Whether an attempt is due at `now` (`performance.now()`); schedules the next one if so. */
  isDue(now: number): boolean {
    if (now < this.#dueAt) return false;
    this.#dueAt = now + this.#next();
    return true;
  }

  /** Starts over with the first delay, after a success. */
  reset(): void {
    this.#delay = this.options.firstMilliseconds;
    this.#dueAt = -Infinity;
  }

  #next(): number {
    const jittered = this.#delay * (0.75 + Math.random() / 2);
    this.#delay = Math.min(this.#delay * 2, this.options.maxMilliseconds);
    return jittered;
  }
}
