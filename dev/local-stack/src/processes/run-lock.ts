import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessGroup } from './process-group.js';
import { LockedError, ProcessLock } from '../../reaper/process-lock.mjs';

/** Longer than a reaper takes to end its processes by force. */
const CLEAN_UP_TIMEOUT_MS = 15_000;

/** Another process runs a stack on the same state directory. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
  constructor(
    readonly stateDirectory: string,
    readonly pid: number | undefined,
  ) {
    super(
      `Latchkey is already running on the data in ${stateDirectory}` +
        (pid === undefined ? '' : ` (process ${pid})`) +
        '. Stop it first, or start from another checkout.',
    );
  }
}

/**
 * Locks a state directory, because two stacks would damage its data. After a run was killed, waits
 * until the reaper of that run has ended its processes.
 * @throws {AlreadyRunningError}
 */
export async function acquireRunLock(
  stateDirectory: string,
  processes: ProcessGroup,
): Promise<ProcessLock> {
  const deadline = performance.now() + CLEAN_UP_TIMEOUT_MS;
  const successors = processes.reaperPid === undefined ? [] : [processes.reaperPid];
  for (;;) {
    try {
      return ProcessLock.acquire(join(stateDirectory, 'locks', 'run'), successors);
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      const isOver = performance.now() > deadline || (error.isOwner && error.pid !== undefined);
      if (isOver) throw new AlreadyRunningError(stateDirectory, error.pid);
      await delay(50);
    }
  }
}
