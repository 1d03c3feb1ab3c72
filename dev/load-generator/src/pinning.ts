import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** What is measured runs here. */
export const SERVER_CORE = 0;
/** What makes the load runs here. */
export const LOAD_CORE = 1;

/** Whether processes can be held to a core each: `taskset` is Linux's. */
export const canPin =
  availableParallelism() > 1 &&
  [SERVER_CORE, LOAD_CORE].every(
    (core) => spawnSync('taskset', ['-c', String(core), 'true']).status === 0,
  );

/** The command that runs another one on that core, or anywhere when that cannot be arranged. */
export function pinned(
  core: number | undefined,
  command: string,
  args: readonly string[],
): [command: string, args: string[]] {
  if (core === undefined || !canPin) return [command, [...args]];
  return ['taskset', ['-c', String(core), command, ...args]];
}

/** Holds a process that runs already, with all of its threads. */
export function pin(core: number, pid: number): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)]);
}

/** For the notes beside figures that depend on it. */
export const pinningNote = canPin
  ? `Server held to core ${SERVER_CORE}, load generator to core ${LOAD_CORE}.`
  : 'Processes could not be held to a core each: server and load generator disturb each other.';
