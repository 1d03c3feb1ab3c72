import { setTimeout as delay } from 'node:timers/promises';

export interface BackoffOptions {
  readonly firstMilliseconds: number;
  readonly longestMilliseconds: number;
  /** Pauses for a random part of the time, so that clients that collided do not collide again. Default false. */
  readonly jitter?: boolean;
}

/** Exponential back-off: each pause is twice as long as the one before, up to a limit. */
export class Backoff {
  readonly #options: BackoffOptions;
  #limitMilliseconds: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#limitMilliseconds = options.firstMilliseconds;
  }

  /** The length of the next pause. */
  nextMilliseconds(): number {
    const limit = this.#limitMilliseconds;
    this.#limitMilliseconds = Math.min(limit * 2, this.#options.longestMilliseconds);
    return this.#options.jitter ? Math.random() * limit : limit;
  }

  /** Waits before the next attempt, or until `signal` is aborted. */
  async pause(signal?: AbortSignal): Promise<void> {
    await delay(this.nextMilliseconds(), undefined, { signal }).catch((error: unknown) => {
      if (!signal?.aborted) throw error;
    });
  }
}
