import type { Contestant } from './contestants.js';
import type { OutageRun } from './outage-report.js';

/**
 * What should not have been: an architecture turned somebody away although it needs nothing of what was
 * missing, or did not come back. How long somebody was turned away is no promise here.
 */
export function verdictOf(
  runs: readonly OutageRun[],
  contestants: readonly Pick<Contestant, 'id' | 'needs'>[],
): string[] {
  return runs.flatMap(({ outage, label, timelines }) =>
    timelines.flatMap(({ id, acceptedWhileDown, recoveryMilliseconds }) => {
      const spared = !contestants.find((each) => each.id === id)?.needs.includes(outage);
      const lost = `${id} did not accept everything while ${label} was away, which it does not need`;
      return [
        ...(spared && acceptedWhileDown < 1 ? [lost] : []),
        ...(recoveryMilliseconds === undefined ? [`${id} did not recover from ${label}`] : []),
      ];
    }),
  );
}
