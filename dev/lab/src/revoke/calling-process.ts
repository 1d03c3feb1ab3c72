import type { Launcher } from '@latchkey/local-stack';
import { AnsweringProcess, LOAD_CORE } from '@latchkey/load-generator';
import type { Call } from './calls.js';
import type { ClientsSetting } from './clients.js';

export type ClientsQuestion =
  | { readonly type: 'begin'; readonly setting: ClientsSetting }
  | { readonly type: 'watch'; readonly until: number };

/** Clients, in a process and on a core of their own. */
export class CallingProcess {
  readonly #process: AnsweringProcess;

  constructor(processes: Launcher) {
    const module = new URL('../../dist/revoke/clients-process.js', import.meta.url);
    this.#process = new AnsweringProcess(processes, module, { core: LOAD_CORE });
  }

  /** Resolves once each client was accepted. @throws Error when one is not */
  async begin(setting: ClientsSetting): Promise<void> {
    const question: ClientsQuestion = { type: 'begin', setting };
    await this.#process.ask(question);
  }

  /**
   * All calls since the begin, once each client was refused or the time is over.
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
