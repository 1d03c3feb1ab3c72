import { waitFor } from '@latchkey/local-stack';
import type { CpuShare } from '../src/scale/control-groups/cpu-share.js';

/** Waits until the share has used little more processor time than its limit since the call. */
export async function untilHeld(share: CpuShare, cores: number): Promise<void> {
  const start = performance.now();
  const usedBefore = share.usedMicroseconds();
  const usedPart = () =>
    (share.usedMicroseconds() - usedBefore) / ((performance.now() - start) * 1_000);
  // The first period may use its whole quota immediately, which evens out over time.
  await waitFor(() => performance.now() - start > 1_000 && usedPart() < 1.3 * cores, {
    timeoutMs: 20_000,
    what: 'the use of processor time to fall to the share',
  });
}
