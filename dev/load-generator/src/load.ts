import type { Launcher } from '@latchkey/local-stack';
import { AnsweringProcess } from './answering-process.js';
import { LOAD_CORE } from './pinning.js';

/** What is sent, in turn. */
export interface LoadRequest {
  /** Default that of the URL. */
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Target {
  /** Several share the connections evenly. */
  readonly urls: readonly string[];
  readonly connections: number;
  readonly method: 'GET' | 'POST';
  readonly requests: readonly LoadRequest[];
}

/** Each connection sends its next request when it has the answer to the one before. */
export interface ClosedLoop extends Target {
  readonly seconds: number;
  /** Ends sooner when so many requests were answered. */
  readonly amount?: number;
}

export interface ClosedLoopResult {
  /** Answered with 2xx. */
  readonly requests: number;
  readonly seconds: number;
  /** Answers other than 2xx, errors and time-outs. */
  readonly failures: number;
}

/** Requests begin when they are due, whatever became of those before. */
export interface OpenLoop extends Target {
  readonly seconds: number;
  readonly perSecond: number;
}

/** One entry per request in each list, in the order in which they were due. */
export interface OpenLoopResult {
  /** See `moment`: what else happened meanwhile can be laid beside it. */
  readonly startedAt: number;
  /** Since the start. */
  readonly dueMilliseconds: readonly number[];
  /**
   * From when it was *due* to the end of its answer, so that the time spent waiting behind a slow
   * answer counts: no coordinated omission.
   */
  readonly latencyMilliseconds: readonly number[];
  /** Of the answer; 0 where there was none. */
  readonly status: readonly number[];
}

export type LoadQuestion =
  ({ readonly loop: 'closed' } & ClosedLoop) | ({ readonly loop: 'open' } & OpenLoop);

/** Makes load, from a process and a core of its own. */
export class LoadGenerator {
  readonly #process: AnsweringProcess;

  constructor(processes: Launcher) {
    const module = new URL('../dist/load-process.js', import.meta.url);
    this.#process = new AnsweringProcess(processes, module, { core: LOAD_CORE });
  }

  /** As many requests as there can be. @throws Error when it cannot be made */
  closedLoop(load: ClosedLoop): Promise<ClosedLoopResult> {
    const question: LoadQuestion = { loop: 'closed', ...load };
    return this.#process.ask(question);
  }

  /**
   * So many requests per second.
   *
   * @param enough ends it when aborted, if it is not over before
   * @throws Error when it cannot be made
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
