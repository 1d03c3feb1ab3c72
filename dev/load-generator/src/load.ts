import type { Launcher } from '@latchkey/local-stack';
import { AnsweringProcess } from './answering-process.js';
import { LOAD_CORE } from './pinning.js';

/** One of the requests that are sent in turn. */
export interface LoadRequest {
  /** Default: the path of the URL. */
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Target {
  /** Several URLs share the connections evenly. */
  readonly urls: readonly string[];
  readonly connections: number;
  readonly method: 'GET' | 'POST';
  readonly requests: readonly LoadRequest[];
}

/** Each connection sends its next request as soon as the previous one is answered. */
export interface ClosedLoop extends Target {
  readonly seconds: number;
  /** Ends the load early after this number of answers. */
  readonly amount?: number;
}

export interface ClosedLoopResult {
  /** The number of requests answered with 2xx. */
  readonly requests: number;
  readonly seconds: number;
  /** The number of other answers, errors and timeouts. */
  readonly failures: number;
}

/** Requests are sent at a fixed rate, whether or not earlier ones are answered. */
export interface OpenLoop extends Target {
  readonly seconds: number;
  readonly perSecond: number;
}

/** Each list has one entry per request, in the order in which the requests were due. */
export interface OpenLoopResult {
  /** A `moment`, so that other events can be placed on the same time line. */
  readonly startedAt: number;
  /** When each request was due, from the start. */
  readonly dueMilliseconds: readonly number[];
  /**
   * From the time at which a request was due to the end of its answer. This includes the wait behind
   * a slow answer, and so avoids coordinated omission.
   */
  readonly latencyMilliseconds: readonly number[];
  /** The HTTP status, or 0 without an answer. */
  readonly status: readonly number[];
}

export type LoadQuestion =
  ({ readonly loop: 'closed' } & ClosedLoop) | ({ readonly loop: 'open' } & OpenLoop);

/** Generates HTTP load from a separate process, pinned to its own core. */
export class LoadGenerator {
  readonly #process: AnsweringProcess;

  constructor(processes: Launcher) {
    const module = new URL('../dist/load-process.js', import.meta.url);
    this.#process = new AnsweringProcess(processes, module, { core: LOAD_CORE });
  }

  /** Sends as many requests as the server answers. @throws if the load cannot be generated */
  closedLoop(load: ClosedLoop): Promise<ClosedLoopResult> {
    const question: LoadQuestion = { loop: 'closed', ...load };
    return this.#process.ask(question);
  }

  /**
   * Sends requests at a fixed rate.
   *
   * @param enough ends the load early when it is aborted
   * @throws if the load cannot be generated
   */
  async openLoop(load: OpenLoop, enough?: AbortSignal): Promise<OpenLoopResult> {
    const question: LoadQuestion = { loop: 'open', ...load };
    const end = () => this.#process.interrupt();
    enough?.addEventListener('abort', end, { once: true });
    try {
      return await this.#process.ask(question);
    } finally {
      enough?.removeEventListener('abort', end);
    }
  }

  stop(): void {
    this.#process.stop();
  }
}
