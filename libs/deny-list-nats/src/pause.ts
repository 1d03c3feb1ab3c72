import { setTimeout as delay } from 'node:timers/promises';

/** Waits that long, or until the signal comes; leaves no timer behind. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
