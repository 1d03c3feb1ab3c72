import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { startTimeOf } from '../../reaper/process-identity.mjs';
import { bareEnvironment } from '../config.js';
import type { Launcher, LaunchOptions } from './launcher.js';

const REAPER = fileURLToPath(new URL('../../reaper/reaper.mjs', import.meta.url));

/** A reaper that dies sooner than this, again, is not worth another try. */
const SHORTEST_LIFE_MS = 1_000;

interface Registration {
  startTime: string;
  signal: NodeJS.Signals;
}

export interface ProcessGroupOptions {
  /** After this long a child that was asked to end is killed. Default 8000. */
  graceMs?: number;
  /** The reaper died and could not be replaced: the children were ended. */
  onLost?: (error: Error) => void;
}

/**
 * Holds child processes so that none of them outlives this process, whatever ends it: a small
 * reaper process reads a pipe that only we hold, and ends the registered children at its end.
 * The children are out of the terminal's process group, so Ctrl-C reaches the starter alone, which
 * can then stop them in order.
 */
export class ProcessGroup implements Launcher {
  readonly #registered = new Map<number, Registration>();
  readonly #directories = new Set<string>();
  readonly #onLost: (error: Error) => void;
  readonly #graceMs: number;
  #reaper: ChildProcess;
  #startedAt = 0;
  #closing = false;

  constructor(options: ProcessGroupOptions = {}) {
    this.#onLost = options.onLost ?? (() => undefined);
    this.#graceMs = options.graceMs ?? 8_000;
    this.#reaper = this.#startReaper();
  }

  /** The reaper's pid. */
  get reaperPid(): number | undefined {
    return this.#reaper.pid;
  }

  /**
   * Starts a program on the processes.
   * @throws when the processes is closed or the program cannot be started.
   */
  spawn(command: string, args: readonly string[], options: LaunchOptions = {}): ChildProcess {
    if (this.#closing) throw new Error('the processes is closed');
    const { stopSignal = 'SIGTERM', ...spawnOptions } = options;
    const child = spawn(command, args, { ...spawnOptions, detached: true });
    // Nothing may come between the start and this: what is not registered would be left running.
    if (child.pid !== undefined) this.#register(child, child.pid, stopSignal);
    return child;
  }

  /** Has a directory removed once every child has ended, whatever ends us. */
  removeAtEnd(directory: string): void {
    this.#directories.add(directory);
    this.#tell({ removeAtEnd: directory });
  }

  /** Ends every child that still runs, in order and then by force, and the reaper. */
  async close(): Promise<void> {
    this.#closing = true;
    const reaper = this.#reaper;
    if (reaper.exitCode !== null || reaper.signalCode !== null) return;
    const exited = once(reaper, 'exit');
    reaper.ref();
    reaper.stdin?.end();
    await exited;
  }

  #register(child: ChildProcess, pid: number, signal: NodeJS.Signals): void {
    const startTime = startTimeOf(pid);
    if (startTime === undefined) return; // ended already
    this.#registered.set(pid, { startTime, signal });
    this.#tell({ add: pid, startTime, signal });
    child.once('exit', () => {
      this.#registered.delete(pid);
      this.#tell({ remove: pid });
    });
  }

  #tell(message: object): void {
    if (this.#reaper.stdin?.writable) this.#reaper.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #startReaper(): ChildProcess {
    const reaper = spawn(process.execPath, [REAPER, String(this.#graceMs)], {
      cwd: '/',
      detached: true,
      env: bareEnvironment(),
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#startedAt = performance.now();
    // A write to a reaper that just died fails; its end is dealt with in #replace.
    reaper.stdin.on('error', () => undefined);
    reaper.once('error', (error) => this.#giveUp(error));
    reaper.once('exit', () => this.#replace());
    reaper.unref();
    (reaper.stdin as Writable & { unref?: () => void }).unref?.();
    return reaper;
  }

  #replace(): void {
    if (this.#closing) return;
    if (performance.now() - this.#startedAt < SHORTEST_LIFE_MS) {
      this.#giveUp(new Error('the reaper process died'));
      return;
    }
    this.#reaper = this.#startReaper();
    for (const [pid, registration] of this.#registered) this.#tell({ add: pid, ...registration });
    for (const directory of this.#directories) this.#tell({ removeAtEnd: directory });
  }

  /** Without a reaper a child could be left behind, so there must be no child. */
  #giveUp(error: Error): void {
    this.#closing = true;
    for (const [pid, { startTime, signal }] of this.#registered)
      if (startTimeOf(pid) === startTime) process.kill(pid, signal);
    this.#onLost(error);
  }
}
