import type { Launcher } from '@latchkey/local-stack';
import { AnsweringProcess, LOAD_CORE } from '@latchkey/load-generator';
import type { Call } from './calls.js';
import type { ClientsOptions } from './clients.js';

export type ClientsQuestion =
  | { readonly type: 'begin'; readonly options: ClientsOptions }
  | { readonly type: 'watch'; readonly until: number };

/** Runs clients in a separate process, pinned to the load generator's core. */
export class CallingProcess {
  readonly #process: AnsweringProcess;

  constructor(processes: Launcher) {
    const module = new URL('../../dist/revoke/clients-process.js', import.meta.url);
    this.#process = new AnsweringProcess(processes, module, { core: LOAD_CORE });
  }

  /** Resolves once every client was accepted. @throws Error if one is not */
  async begin(options: ClientsOptions): Promise<void> {
    const question: ClientsQuestion = { type: 'begin', options };
    await this.#process.ask(question);
  }

  /**
   * Returns all calls since the start, once every client was refused or the time is over.
   *
   * @param until a moment of the machine's monotonic clock
   */
  watch(until: number): Promise<Call[]> {
    const question: ClientsQuestion = { type: 'watch', until };
    return this.#process.ask(question);
  }

  stop(): void {
    this.#process.stop();
  }
}
