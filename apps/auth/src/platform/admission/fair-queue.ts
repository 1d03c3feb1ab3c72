import { ProblemError, unavailable } from '@latchkey/service-kit';
import { Turns } from './turns.js';

export interface FairQueueOptions {
  /** Most tasks that run at the same time. */
  readonly atOnce: number;
  /** Most tasks that may wait in each lane. */
  readonly waiting: number;
  readonly longestWaitMilliseconds: number;
}

/** A caller that asks for a place in the queue. */
export interface Applicant {
  /** The kind of work. Lanes take turns, however long each of them is. */
  readonly lane?: string;
  /** The owner of the work, such as an address. Keys take turns within their lane. */
  readonly key: string;
  /** Aborts when the result is no longer needed. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  admit(): void;
  refuse(error: Error): void;
}

/** Releases the place. Idempotent. */
export type Leave = () => void;

/** No client receives this error; it appears in logs and metrics. */
const clientGone = () => new ProblemError(499, 'client_gone', 'The client has hung up');

/**
 * Limits concurrency, the length of the queue and the waiting time. Lanes take turns, and so do the keys
 * within a lane: an address with a thousand requests delays another address by only one of them.
 */
export class FairQueue {
  #running = 0;
  #refused = 0;
  readonly #lanes = new Map<string, Turns<Waiting>>();

  constructor(private readonly options: FairQueueOptions) {}

  get waiting(): number {
    let sum = 0;
    for (const lane of this.#lanes.values()) sum += lane.size;
    return sum;
  }

  /** Total since the process started. */
  get refused(): number {
    return this.#refused;
  }

  /** @throws ProblemError 503 if the queue is full or the wait too long, 499 if the signal aborts */
  async run<Result>(applicant: Applicant, work: () => Promise<Result>): Promise<Result> {
    const leave = await this.enter(applicant);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /**
   * Resolves when it is this applicant's turn.
   *
   * @throws ProblemError as `run` does
   */
  async enter({ lane = '', key, signal }: Applicant): Promise<Leave> {
    if (signal?.aborted) throw clientGone();
    if (this.#running < this.options.atOnce) this.#running += 1;
    else await this.#wait(this.#lane(lane), key, signal);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      // Hand the place over directly, so that a newcomer cannot take it first.
      const next = this.#next();
      if (next) next.admit();
      else this.#running -= 1;
    };
  }

  #lane(name: string): Turns<Waiting> {
    const lane = this.#lanes.get(name) ?? new Turns<Waiting>();
    this.#lanes.set(name, lane);
    return lane;
  }

  #wait(lane: Turns<Waiting>, key: string, signal: AbortSignal | undefined): Promise<void> {
    if (lane.size >= this.options.waiting) this.#makeRoom(lane, key);
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', hangUp);
      };
      const waiting: Waiting = {
        admit: () => {
          settle();
          resolve();
        },
        refuse: (error) => {
          settle();
          reject(error);
        },
      };
      const giveUp = (error: Error) => {
        lane.remove(key, waiting);
        waiting.refuse(error);
      };
      const hangUp = () => giveUp(clientGone());
      // Jitter, so that a burst is neither refused nor retried all at once.
      const patience = this.options.longestWaitMilliseconds * (0.5 + Math.random() / 2);
      const timer = setTimeout(() => giveUp(this.#tooBusy()), patience);
      signal?.addEventListener('abort', hangUp);
      lane.add(key, waiting);
    });
  }

  /** Evicts from the key with the most waiting, or refuses the newcomer if its own key has as many. */
  #makeRoom(lane: Turns<Waiting>, key: string): void {
    const givenUp = lane.takeFromLonger(lane.sizeOf(key) + 1);
    if (!givenUp) throw this.#tooBusy();
    givenUp.refuse(this.#tooBusy());
  }

  #tooBusy(): ProblemError {
    this.#refused += 1;
    return unavailable('too_busy', 'The service is overloaded');
  }

  #next(): Waiting | undefined {
    for (const [name, lane] of this.#lanes) {
      const waiting = lane.take();
      if (!waiting) continue;
      this.#lanes.delete(name);
      this.#lanes.set(name, lane);
      return waiting;
    }
    return undefined;
  }
}
