import { pause } from '../../../time/pause.js';
import { retryDelay } from '../../../time/retry-delay.js';
import type { Answer } from '../calls/call.js';

/**
 * Refreshes after a time. If auth does not answer, or answers that it cannot now, it is asked again with back-off. Any
 * other refusal is about the session, which may have been ended elsewhere.
 *
 * @param refresh returns the answer that was not successful, or undefined
 */
export async function refreshAfter(
  milliseconds: number,
  refresh: () => Promise<Pick<Answer, 'status'> | undefined>,
  signal: AbortSignal,
): Promise<void> {
  await pause(milliseconds, signal);
  for (let attempt = 0; !signal.aborted; attempt++) {
    const failed = await refresh();
    if (!failed || !isTemporary(failed.status)) return;
    await pause(retryDelay(attempt), signal);
  }
}

const isTemporary = (status: number) => status === 0 || status === 429 || status >= 500;
