import { ProblemError, unavailable } from '@latchkey/service-kit';
import { Turns } from './turns.js';

export interface FairQueueOptions {
  /** How many pieces of work run at once. */
  readonly atOnce: number;
  /** How many of a lane may wait. */
  readonly waiting: number;
  readonly longestWaitMilliseconds: number;
}

/** A caller that waits for its turn. */
export interface Applicant {
  /** Kinds of work that take turns, whatever the others want. */
  readonly lane?: string;
  /** Whose work it is, such as an address. Those of a lane take turns as well. */
  readonly key: string;
  /** Aborted when nobody wants the result any more. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  admit(): void;
  refuse(error: Error): void;
}

/** Gives the place back. Calling it again does nothing. */
export type Leave = () => void;

/** An answer that nobody receives: for logs and metrics. */
const clientGone = () => new ProblemError(499, 'client_gone', 'The client has hung up');

/**
 * Lets a few pieces of work run at once and a bounded number wait, for a bounded time. Lanes take turns,
 * and within a lane keys do: one address that asks for a thousand things delays another address by one.
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

  /** Since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** @throws ProblemError 503 when too many wait or it takes too long, 499 when the signal aborts */
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
      // The place is handed over rather than given back, so that nobody can slip in between.
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
      // At random times: a thousand that came together must neither be refused nor come back together.
      const patience = this.options.longestWaitMilliseconds * (0.5 + Math.random() / 2);
      const timer = setTimeout(() => giveUp(this.#tooBusy()), patience);
      signal?.addEventListener('abort', hangUp);
      lane.add(key, waiting);
    });
  }

  /** The key that has the most waiting gives a place up; a newcomer with as many is refused itself. */
  #makeRoom(lane: Turns<Waiting>, key: string): void {
    const givenUp = lane.takeFromLonger(lane.sizeOf(key) + 1);
    if (!givenUp) throw this.#tooBusy();
    givenUp.refuse(this.#tooBusy());
  }

  #tooBusy(): ProblemError {
    this.#refused += 1;
    return unavailable('too_busy', 'More is asked for than can be done at the moment');
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
