import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Launcher } from './launcher.js';

const SHORTEST_POLL_MS = 20;
const LONGEST_POLL_MS = 200;
const LOG_LINES_SHOWN = 15;

export interface ManagedProcessOptions {
  processes: Launcher;
  /** The name in messages. */
  name: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Receives both output streams. The log of the previous start is kept as `<file>.1`. */
  logFile: string;
  /** Polled until it returns true. Default: a process is ready as soon as it runs. */
  isReady?: () => Promise<boolean>;
  /** Default 30000. */
  readyTimeoutMs?: number;
  stopSignal?: NodeJS.Signals;
  /** How long a stopped process may take to end before it is killed. Default 10000. */
  stopTimeoutMs?: number;
  cwd?: string;
  uid?: number;
  gid?: number;
}

/** A program did not start. The message ends with the last lines of its log. */
export class ProcessStartError extends Error {
  override readonly name = 'ProcessStartError';
  constructor(
    readonly processName: string,
    what: string,
    readonly log: string,
  ) {
    super(`${processName} ${what}${log === '' ? '' : `; its log ends with:\n${log}`}`);
  }
}

/** A program that can be started, stopped, killed and restarted. */
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

  /**
   * Starts the program and waits until it is ready.
   * @throws {ProcessStartError} if it ends or is not ready in time; it is not left running
   */
  async start(): Promise<void> {
    if (this.running) throw new Error(`${this.#options.name} is already running`);
    this.#launch();
    const started = performance.now();
    const timeout = this.#options.readyTimeoutMs ?? 30_000;
    for (let waited = 0; this.running && waited < timeout; waited = performance.now() - started) {
      if (await this.#isReady()) return;
      // Polls take processor time that a slow start needs itself, so they become rarer.
      await delay(Math.min(Math.max(SHORTEST_POLL_MS, waited / 10), LONGEST_POLL_MS));
    }
    if (this.running && (await this.#isReady())) return;
    await this.#failToStart();
  }

  /** Runs the program to its end. @throws {ProcessStartError} unless it exits with 0 */
  async run(): Promise<void> {
    this.#launch();
    await this.ended();
    if (this.#child?.exitCode !== 0) await this.#failToStart();
  }

  /** Shuts the program down, or kills it after `stopTimeoutMs`. Does nothing if it does not run. */
  async stop(): Promise<void> {
    await this.#end(this.#options.stopSignal ?? 'SIGTERM');
  }

  /** Ends the program with SIGKILL, as a crash would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops the program if it runs, and starts it with the same options. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Sends a signal, such as `SIGSTOP` and `SIGCONT` to freeze and thaw the program. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Resolves when the program has ended; immediately if it does not run. */
  async ended(): Promise<void> {
    if (this.running && this.#child) await once(this.#child, 'exit');
  }

  async #isReady(): Promise<boolean> {
    const { isReady } = this.#options;
    if (!isReady) return true;
    try {
      return await isReady();
    } catch (error) {
      await this.kill(); // waiting longer would not help
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
      : `ended while starting (${this.#failure?.message ?? child?.signalCode ?? `status ${child?.exitCode ?? '?'}`})`;
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
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // ENOENT: the first start
  }
  return openSync(file, 'a', 0o600);
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
}
