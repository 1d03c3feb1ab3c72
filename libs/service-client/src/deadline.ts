import { setMaxListeners } from 'node:events';
import { ServiceUnavailableError } from './errors.js';

/**
 * Makes the signal with which a client ends all its work. Every call that is under way listens to it, and by default Node.js
 * warns of a leak at the eleventh.
 */
export function closingController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** Ends one piece of work after a time, or as soon as a signal aborts. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #endsAt: number;
  readonly #signals: readonly AbortSignal[];
  readonly #stopped: Promise<never>;
  #reason: 'deadline' | 'aborted' = 'aborted';

  /** @param service the service that the work calls, named in the error */
  constructor(
    readonly service: string,
    milliseconds: number,
    ...signals: readonly (AbortSignal | undefined)[]
  ) {
    this.#endsAt = performance.now() + milliseconds;
    this.#stopped = new Promise((_, reject) => {
      this.signal.addEventListener('abort', () => reject(this.error()), { once: true });
    });
    // Nobody may be waiting when the signal aborts.
    this.#stopped.catch(() => undefined);
    this.#timer = setTimeout(() => this.#stop('deadline'), milliseconds);
    // AbortSignal.any() would keep each call in memory for as long as a signal of the whole process lives.
    this.#signals = signals.filter((signal) => signal !== undefined);
    for (const signal of this.#signals) {
      if (signal.aborted) this.#abort();
      signal.addEventListener('abort', this.#abort);
    }
  }

  /** Aborts at the end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** How much time is left; 0 once the work has been ended. */
  get remainingMilliseconds(): number {
    return this.signal.aborted ? 0 : Math.max(0, this.#endsAt - performance.now());
  }

  /** The error of work that did not finish in time. */
  error(): ServiceUnavailableError {
    return new ServiceUnavailableError(this.service, this.#reason);
  }

  /**
   * Runs work until the end. Work that does not stop when the signal aborts is abandoned. @throws the error of the
   * deadline
   */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      if (this.signal.aborted) throw this.error();
      return await Promise.race([work(), this.#stopped]);
    } finally {
      clearTimeout(this.#timer);
      for (const signal of this.#signals) signal.removeEventListener('abort', this.#abort);
    }
  }

  readonly #abort = () => this.#stop('aborted');

  #stop(reason: 'deadline' | 'aborted'): void {
    if (this.signal.aborted) return;
    this.#reason = reason;
    this.#controller.abort();
  }
}
