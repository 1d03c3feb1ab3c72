import type { ChildProcess, SpawnOptions } from 'node:child_process';

export interface LaunchOptions extends SpawnOptions {
  /** The signal that makes the program shut down cleanly. Default `SIGTERM`. */
  stopSignal?: NodeJS.Signals;
}

/** Starts processes that end with this one: a {@link ProcessGroup}, or a wrapper around one. */
export interface Launcher {
  /** @throws if the launcher is closed or the program cannot be started */
  spawn(command: string, args: readonly string[], options?: LaunchOptions): ChildProcess;
  /** Removes a directory once every child has ended, however this process ends. */
  removeAtEnd(directory: string): void;
}
