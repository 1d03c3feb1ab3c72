import { ProblemError, unavailable } from '@latchkey/service-kit';
import { RoundRobinQueue } from './round-robin-queue.js';

export interface FairQueueOptions {
  /** Tasks that run at the same time, at most. */
  readonly concurrency: number;
  /** Tasks that may wait in each lane, at most. */
  readonly maxWaiting: number;
  readonly maxWaitMilliseconds: number;
}

/** A caller that asks for a slot. */
export interface QueueEntry {
  /** The kind of work. Lanes take turns, however long each of them is. */
  readonly lane?: string;
  /** The owner of the work, such as an address. Keys take turns within their lane. */
  readonly key: string;
  /** Aborts when the result is no longer needed. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  admit(): void;
  refuse(error: Error): void;
}

/** Releases the slot. Idempotent. */
export type Release = () => void;

/** No client receives this error; it appears in logs and metrics. */
const clientGone = () => new ProblemError(499, 'client_gone', 'The client disconnected');

/**
 * Limits concurrency, the length of the queue and the waiting time. Lanes take turns, and so do the keys
 * within a lane: an address with a thousand requests delays another address by only one of them.
 */
export class FairQueue {
  #running = 0;
  #refused = 0;
  readonly #lanes = new Map<string, RoundRobinQueue<Waiter>>();

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
  async run<Result>(entry: QueueEntry, work: () => Promise<Result>): Promise<Result> {
    const release = await this.acquire(entry);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /**
   * Waits for a slot.
   *
   * @throws ProblemError as `run` does
   */
  async acquire({ lane = '', key, signal }: QueueEntry): Promise<Release> {
    if (signal?.aborted) throw clientGone();
    if (this.#running < this.options.concurrency) this.#running += 1;
    else await this.#wait(this.#lane(lane), key, signal);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      // Hand the slot over directly, so that a newcomer cannot take it first.
      const next = this.#next();
      if (next) next.admit();
      else this.#running -= 1;
    };
  }

  #lane(name: string): RoundRobinQueue<Waiter> {
    const lane = this.#lanes.get(name) ?? new RoundRobinQueue<Waiter>();
    this.#lanes.set(name, lane);
    return lane;
  }

  #wait(
    lane: RoundRobinQueue<Waiter>,
    key: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (lane.size >= this.options.maxWaiting) this.#makeRoom(lane, key);
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
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
        lane.remove(key, waiter);
        waiter.refuse(error);
      };
      const onAbort = () => giveUp(clientGone());
      // Jitter, so that a burst is neither refused nor retried all at once.
      const patience = this.options.maxWaitMilliseconds * (0.5 + Math.random() / 2);
      const timer = setTimeout(() => giveUp(this.#tooBusy()), patience);
      signal?.addEventListener('abort', onAbort);
      lane.add(key, waiter);
    });
  }

  /** Evicts from the key with the most waiting, or refuses the newcomer if its own key has as many. */
  #makeRoom(lane: RoundRobinQueue<Waiter>, key: string): void {
    const givenUp = lane.takeFromLonger(lane.sizeOf(key) + 1);
    if (!givenUp) throw this.#tooBusy();
    givenUp.refuse(this.#tooBusy());
  }

  #tooBusy(): ProblemError {
    this.#refused += 1;
    return unavailable('too_busy', 'The service is overloaded');
  }

  #next(): Waiter | undefined {
    for (const [name, lane] of this.#lanes) {
      const waiter = lane.take();
      if (!waiter) continue;
      this.#lanes.delete(name);
      this.#lanes.set(name, lane);
      return waiter;
    }
    return undefined;
  }
}
