import type { Launcher } from '@latchkey/local-stack';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './config.js';
import { pinned } from './pinning.js';

type Message =
  { readonly progress: string } | { readonly answer: unknown } | { readonly error: string };

/** Marks the message that interrupts the current question. */
const INTERRUPT = 'interrupt';

export interface AnsweringProcessOptions {
  /** The core to pin the process to. Default any. */
  readonly core?: number;
  readonly nodeFlags?: readonly string[];
}

/** A process that answers one question at a time. It ends with the launcher's processes. */
export class AnsweringProcess {
  readonly #process: ChildProcess;

  /** @param module the URL of the main module, which calls {@link answerQuestions} */
  constructor(
    processes: Launcher,
    module: URL,
    { core, nodeFlags = [] }: AnsweringProcessOptions = {},
  ) {
    const flags = ['--no-warnings', '--expose-gc', ...nodeFlags];
    const [command, args] = pinned(core, process.execPath, [...flags, fileURLToPath(module)]);
    this.#process = processes.spawn(command, args, {
      env: childEnvironment(),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  /** @throws the error of the process, or an error if the process ends before it has answered */
  ask<Answer>(question: object, onProgress?: (message: string) => void): Promise<Answer> {
    const child = this.#process;
    return new Promise<Answer>((resolve, reject) => {
      const settled = () => child.off('message', onMessage).off('exit', onExit);
      const onExit = () => {
        settled();
        reject(new Error('a process of the measurement ended before it answered'));
      };
      const onMessage = (message: Message) => {
        if ('progress' in message) return onProgress?.(message.progress);
        settled();
        if ('error' in message) reject(new Error(message.error));
        else resolve(message.answer as Answer);
      };
      child.on('message', onMessage).once('exit', onExit).send(question);
    });
  }

  /** Asks the process to answer the current question early. */
  interrupt(): void {
    this.#process.send({ [INTERRUPT]: true });
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }
}

/**
 * The child's side: answers the questions of the parent, and ends with the parent. An answer that
 * takes long should come early once its signal is aborted.
 */
export function answerQuestions<Question extends object>(
  answer: (
    question: Question,
    onProgress: (message: string) => void,
    interrupted: AbortSignal,
  ) => unknown,
): void {
  let controller = new AbortController();
  const tell = (message: Message) => process.send?.(message);
  const answerOne = async (question: Question) => {
    try {
      controller = new AbortController();
      const onProgress = (progress: string) => tell({ progress });
      tell({ answer: await answer(question, onProgress, controller.signal) });
    } catch (error) {
      tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  process.on('message', (message: Question) => {
    if (INTERRUPT in message) controller.abort();
    else void answerOne(message);
  });
  process.on('disconnect', () => process.exit());
}
