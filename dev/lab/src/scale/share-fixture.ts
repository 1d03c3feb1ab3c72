import { waitFor } from '@latchkey/local-stack';
import type { CpuShare } from './cpu-limits.js';

/** Waits until what is busy in a share has used little more than it was given from now on. */
export async function untilHeld(share: CpuShare, cores: number): Promise<void> {
  const start = performance.now();
  const usedBefore = share.usedMicroseconds();
  const usedPart = () =>
    (share.usedMicroseconds() - usedBefore) / ((performance.now() - start) * 1_000);
  // It may have begun with the whole quota of a period: that is made up for with time.
  await waitFor(() => performance.now() - start > 1_000 && usedPart() < 1.3 * cores, {
    timeoutMs: 20_000,
    what: 'a use of little more than the share',
  });
}
