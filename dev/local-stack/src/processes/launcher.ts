import type { ChildProcess, SpawnOptions } from 'node:child_process';

export interface LaunchOptions extends SpawnOptions {
  /** What asks it to end in order. Default `SIGTERM`. */
  stopSignal?: NodeJS.Signals;
}

/** What starts processes that end with us: a {@link ProcessGroup}, or something that puts its own around them. */
export interface Launcher {
  /** @throws when nothing can be started any more, or the program cannot */
  spawn(command: string, args: readonly string[], options?: LaunchOptions): ChildProcess;
  /** Has a directory removed once every child has ended, whatever ends us. */
  removeAtEnd(directory: string): void;
}
