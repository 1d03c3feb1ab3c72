import { setTimeout as delay } from 'node:timers/promises';

export interface WaitForOptions {
  /** Default 20000, because a busy machine takes long to start or reconnect anything. */
  timeoutMs?: number;
  /** The pause between two attempts. Default: a tenth of the time waited so far, from 10 to 100. */
  intervalMs?: number;
  /** Names the condition in the error message. */
  what?: string;
}

/**
 * Polls until the condition returns a truthy value, and returns that value. A condition that throws
 * is polled again.
 * @throws after `timeoutMs`, with the condition's last error as `cause`
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 20_000, intervalMs, what = 'the condition' }: WaitForOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const started = performance.now();
  for (;;) {
    const { value, error } = await tryOnce(condition);
    if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
    const waited = performance.now() - started;
    if (waited >= timeoutMs)
      throw new Error(`${what} did not come true within ${timeoutMs} ms`, { cause: error });
    await delay(intervalMs ?? Math.min(Math.max(10, waited / 10), 100));
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
