import type { DatabaseConnector } from './database/database-connector.js';

/** With a longer delay, Node.js does not wait at all. */
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

/** Runs work in the background again and again, with a pause after each time. */
export class RepeatedWork {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param work must not throw; returns how many seconds to pause */
  constructor(private readonly work: () => Promise<number>) {}

  get closed(): boolean {
    return this.#closed;
  }

  /** Begins `afterSeconds` after the database can be used. */
  startWith(database: Pick<DatabaseConnector, 'ready'>, afterSeconds: number): void {
    void database.ready.then(() => this.#schedule(afterSeconds));
  }

  /** Waits for the work in progress, which should look at {@link closed}. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(seconds: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(
      () => {
        this.#running = this.work().then((pauseSeconds) => this.#schedule(pauseSeconds));
      },
      Math.min(seconds * 1_000, LONGEST_TIMER_MILLISECONDS),
    );
  }
}
