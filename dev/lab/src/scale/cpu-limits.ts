import type { Launcher } from '@latchkey/local-stack';

/** A part of a core for the processes in it, all together. */
export interface CpuShare {
  /** A process, its threads, and all that it started and will start. */
  add(pid: number): void;
  /** @param cores as 0.03 for 3 % of one core */
  limitTo(cores: number): void;
  /** It may use whatever there is. */
  lift(): void;
  /** Since it was made, of all that is in it. */
  usedMicroseconds(): number;
  /** What still runs in it goes on without a limit. */
  remove(): void;
}

/** What holds processes to parts of a core. */
export interface CpuLimits {
  /** As a reader of the figures knows it: `cgroup v2`. */
  readonly name: string;
  /** Starts everything that is to be held. */
  readonly launcher: Launcher;
  /** The process that does the work of what the launcher started: for some the one that was started by it. */
  processOf(pid: number): number;
  /** @param name of a file, and of no other share that there is */
  share(name: string): CpuShare;
  /** What still runs goes on without a limit. */
  close(): void;
}
