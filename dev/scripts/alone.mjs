import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LockedError, ProcessLock } from '../local-stack/reaper/process-lock.mjs';
import { CHECKOUT } from './checkout.mjs';
import { reaperPid } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const POLL_MILLISECONDS = 200;

/**
 * Serializes the installation and compilation of commands that run at the same time.
 *
 * @template T
 * @param {() => Promise<T>} work
 */
export async function alone(work) {
  const lock = await waitFor('setup');
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** Prevents a second test run, which would overwrite the results of the first. @throws {SetupError} */
export function holdTestLock() {
  try {
    acquire('test');
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    throw new SetupError(
      `Another 'npm test' is running in this clone (process ${error.pid}). Wait for it, or stop it.`,
    );
  }
}

/** @param {string} name */
async function waitFor(name) {
  for (let reported = false; ; reported = true) {
    try {
      return acquire(name);
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      if (!reported)
        console.log('Another command is installing or compiling in this clone; waiting for it …');
    }
    await delay(POLL_MILLISECONDS);
  }
}

/**
 * The lock of a killed process becomes free once its reaper has ended the commands that it ran.
 *
 * @param {string} name
 */
function acquire(name) {
  const successors = [reaperPid()].filter((pid) => pid !== undefined);
  return ProcessLock.acquire(join(CHECKOUT, '.latchkey', 'locks', name), successors);
}
