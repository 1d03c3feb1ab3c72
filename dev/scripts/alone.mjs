import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LockedError, ProcessLock } from '../local-stack/reaper/process-lock.mjs';
import { CHECKOUT } from './checkout.mjs';
import { reaperPid } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const POLL_MILLISECONDS = 200;

/**
 * Two commands at once install and compile one after the other.
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

/** Two test runs would overwrite each other's results. @throws {SetupError} */
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
  for (let told = false; ; told = true) {
    try {
      return acquire(name);
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      if (!told) console.log('Another command is installing or compiling here; waiting for it …');
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
