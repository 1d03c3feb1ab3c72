import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { startTimeOf } from '../../reaper/process-identity.mjs';
import { bareEnvironment } from '../config.js';
import type { Launcher, LaunchOptions } from './launcher.js';

const REAPER = fileURLToPath(new URL('../../reaper/reaper.mjs', import.meta.url));

/** A reaper that dies sooner than this is not replaced. */
const SHORTEST_LIFE_MS = 1_000;

interface Registration {
  startTime: string;
  signal: NodeJS.Signals;
}

export interface ProcessGroupOptions {
  /** How long a child may take to end after its stop signal before it is killed. Default 8000. */
  graceMs?: number;
  /** Called after the reaper died and could not be replaced. The children have been ended. */
  onLost?: (error: Error) => void;
}

/**
 * Child processes that never outlive this process, however it ends. A small reaper process reads a
 * pipe that only this process holds, and ends the registered children when the pipe closes.
 *
 * The children are not in the terminal's process group, so Ctrl-C reaches only the starter, which
 * can stop them in order.
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
   * Starts a program in the group.
   * @throws if the group is closed or the program cannot be started
   */
  spawn(command: string, args: readonly string[], options: LaunchOptions = {}): ChildProcess {
    if (this.#closing) throw new Error('the process group is closed');
    const { stopSignal = 'SIGTERM', ...spawnOptions } = options;
    const child = spawn(command, args, { ...spawnOptions, detached: true });
    // Register in the same turn: a child that is not registered could be left running.
    if (child.pid !== undefined) this.#register(child, child.pid, stopSignal);
    return child;
  }

  /** Removes a directory once every child has ended, however this process ends. */
  removeAtEnd(directory: string): void {
    this.#directories.add(directory);
    this.#tell({ removeAtEnd: directory });
  }

  /** Ends every child that still runs, by its stop signal and then by SIGKILL, and the reaper. */
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
    if (startTime === undefined) return; // it has already ended
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
    // A write to a reaper that has just died fails. #replace handles its end.
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
      this.#giveUp(new Error('the reaper process died within a second of its start'));
      return;
    }
    this.#reaper = this.#startReaper();
    for (const [pid, registration] of this.#registered) this.#tell({ add: pid, ...registration });
    for (const directory of this.#directories) this.#tell({ removeAtEnd: directory });
  }

  /** Ends all children, because without a reaper they could outlive this process. */
  #giveUp(error: Error): void {
    this.#closing = true;
    for (const [pid, { startTime, signal }] of this.#registered)
      if (startTimeOf(pid) === startTime) signalIfAlive(pid, signal);
    this.#onLost(error);
  }
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // ESRCH: it has just ended
  }
}
