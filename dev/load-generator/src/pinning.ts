import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The core of the measured server. */
export const SERVER_CORE = 0;
/** The core of the load generator. */
export const LOAD_CORE = 1;

/** Whether processes can be pinned to cores. This needs two cores and `taskset` (Linux). */
export const canPin =
  availableParallelism() > 1 &&
  [SERVER_CORE, LOAD_CORE].every(
    (core) => spawnSync('taskset', ['-c', String(core), 'true']).status === 0,
  );

/** Wraps a command so that it is pinned to a core, if pinning is possible. */
export function pinned(
  core: number | undefined,
  command: string,
  args: readonly string[],
): [command: string, args: string[]] {
  if (core === undefined || !canPin) return [command, [...args]];
  return ['taskset', ['-c', String(core), command, ...args]];
}

/** Pins a running process with all of its threads. */
export function pin(core: number, pid: number): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)]);
}

/** A note to print with measurements. */
export const pinningNote = canPin
  ? `The server is pinned to core ${SERVER_CORE}, the load generator to core ${LOAD_CORE}.`
  : 'Processes could not be pinned to cores, so server and load generator compete for them.';
