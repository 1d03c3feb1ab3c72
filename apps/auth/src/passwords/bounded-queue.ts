import { unavailable } from '@latchkey/service-kit';

/** Lets a few pieces of work run at once, a bounded number wait, and turns the rest away. */
export class BoundedQueue {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly concurrency: number,
    private readonly capacity: number,
  ) {}

  /** @throws ProblemError 503 when as many wait as may */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.concurrency) await this.#wait();
    else this.#running++;
    try {
      return await work();
    } finally {
      // The place is handed over rather than given back, so that nobody can slip in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= this.capacity) {
      throw unavailable('too_many_log_ins', 'Too many log-ins at once');
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
