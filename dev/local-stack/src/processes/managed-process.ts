import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Launcher } from './launcher.js';

const POLL_MS = 20;
const LOG_LINES_SHOWN = 15;

export interface ManagedProcessOptions {
  processes: Launcher;
  /** For messages. */
  name: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Both streams go here; the log of the start before is kept beside it as `<file>.1`. */
  logFile: string;
  /** Asked again and again until it says true; without it a process is ready once it runs. */
  isReady?: () => Promise<boolean>;
  readyTimeoutMs?: number;
  stopSignal?: NodeJS.Signals;
  /** After this long a stop becomes a kill. */
  stopTimeoutMs?: number;
  cwd?: string;
  uid?: number;
  gid?: number;
}

/** A program did not start; the message ends with the last lines of its log. */
export class ProcessStartError extends Error {
  override readonly name = 'ProcessStartError';
  constructor(
    readonly processName: string,
    what: string,
    readonly log: string,
  ) {
    super(`${processName} ${what}${log === '' ? '' : `; the end of its log:\n${log}`}`);
  }
}

/** A program that is started, waited for, stopped, killed and started again. */
export class ManagedProcess {
  readonly #options: ManagedProcessOptions;
  #child: ChildProcess | undefined;
  #failure: Error | undefined;

  constructor(options: ManagedProcessOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && !this.#child.signalCode;
  }

  get pid(): number | undefined {
    return this.running ? this.#child?.pid : undefined;
  }

  /** @throws {ProcessStartError} when it ends or is not ready in time; it runs no more then. */
  async start(): Promise<void> {
    if (this.running) throw new Error(`${this.#options.name} runs already`);
    this.#launch();
    const deadline = performance.now() + (this.#options.readyTimeoutMs ?? 30_000);
    while (this.running && performance.now() < deadline) {
      if (await this.#isReady()) return;
      await delay(POLL_MS);
    }
    await this.#failToStart();
  }

  /** Runs it to its end. @throws {ProcessStartError} when that is not status 0. */
  async run(): Promise<void> {
    this.#launch();
    await this.ended();
    if (this.#child?.exitCode !== 0) await this.#failToStart();
  }

  /** Asks it to end; kills it when it does not. Does nothing when it does not run. */
  async stop(): Promise<void> {
    await this.#end(this.#options.stopSignal ?? 'SIGTERM');
  }

  /** Ends it as a crash would (SIGKILL). */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops it if it runs, and starts it with the same settings. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Freezes or thaws it, or anything else a signal does. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Resolves when it has ended, at once when it does not run. */
  async ended(): Promise<void> {
    if (this.running && this.#child) await once(this.#child, 'exit');
  }

  async #isReady(): Promise<boolean> {
    const { isReady } = this.#options;
    if (!isReady) return true;
    try {
      return await isReady();
    } catch (error) {
      await this.kill(); // not a question of time
      throw error;
    }
  }

  #launch(): void {
    const { processes, command, args, env, logFile, cwd, uid, gid, stopSignal } = this.#options;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openLog(logFile);
    try {
      this.#failure = undefined;
      this.#child = processes.spawn(command, args, {
        env,
        stdio: ['ignore', log, log],
        cwd: cwd ?? '/',
        ...(uid !== undefined && { uid }),
        ...(gid !== undefined && { gid }),
        ...(stopSignal && { stopSignal }),
      });
      this.#child.on('error', (error) => (this.#failure = error));
    } finally {
      closeSync(log);
    }
  }

  async #failToStart(): Promise<never> {
    const { name, readyTimeoutMs = 30_000, logFile } = this.#options;
    const child = this.#child;
    const what = this.running
      ? `was not ready after ${readyTimeoutMs} ms`
      : `ended at its start (${this.#failure?.message ?? child?.signalCode ?? `status ${child?.exitCode ?? '?'}`})`;
    await this.kill();
    throw new ProcessStartError(name, what, lastLines(logFile));
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!this.running || !child || child.pid === undefined) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), this.#options.stopTimeoutMs ?? 10_000);
    await exited;
    clearTimeout(force);
  }
}

function openLog(file: string): number {
  rmSync(`${file}.1`, { force: true });
  try {
    renameSync(file, `${file}.1`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // none: the first start
  }
  return openSync(file, 'a', 0o600);
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
}
