import { setTimeout as delay } from 'node:timers/promises';

export interface WaitForOptions {
  /** After this long it fails. */
  timeoutMs?: number;
  /** Between two tries. */
  intervalMs?: number;
  /** Named in the message of the failure. */
  what?: string;
}

/**
 * Tries again until the condition gives something truthy, and returns that. A condition that
 * throws is tried again as well; the last error is the cause of the failure.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 5_000, intervalMs = 10, what = 'the condition' }: WaitForOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { value, error } = await tryOnce(condition);
    if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
    if (performance.now() >= deadline)
      throw new Error(`${what} did not come true within ${timeoutMs} ms`, { cause: error });
    await delay(intervalMs);
  }
}

async function tryOnce<T>(
  condition: () => T | Promise<T>,
): Promise<{ value?: T; error?: unknown }> {
  try {
    return { value: await condition() };
  } catch (error) {
    return { error };
  }
}
