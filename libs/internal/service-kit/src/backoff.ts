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
  #nextMilliseconds: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#nextMilliseconds = options.firstMilliseconds;
  }

  /** Waits before the next attempt, or until `signal` is aborted. */
  async pause(signal?: AbortSignal): Promise<void> {
    const milliseconds = this.#nextMilliseconds * (this.#options.jitter ? Math.random() : 1);
    this.#nextMilliseconds = Math.min(
      this.#nextMilliseconds * 2,
      this.#options.longestMilliseconds,
    );
    await delay(milliseconds, undefined, { signal }).catch((error: unknown) => {
      if (!signal?.aborted) throw error;
    });
  }
}
