import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LockedError, ProcessLock } from '../local-stack/reaper/process-lock.mjs';
import { CHECKOUT } from './checkout.mjs';
import { reaperPid } from './run-command.mjs';

const LOCK = join(CHECKOUT, '.latchkey', 'setup.lock');
const POLL_MILLISECONDS = 200;

/**
 * Two commands at once install and compile one after the other. The lock of one that was killed is
 * free as soon as what it ran has been ended as well.
 *
 * @template T
 * @param {() => Promise<T>} work
 */
export async function alone(work) {
  const lock = await acquire();
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function acquire() {
  const successors = [reaperPid()].filter((pid) => pid !== undefined);
  for (let told = false; ; told = true) {
    try {
      return ProcessLock.acquire(LOCK, successors);
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      if (!told) console.log('Another command is installing or compiling here; waiting for it …');
    }
    await delay(POLL_MILLISECONDS);
  }
}
