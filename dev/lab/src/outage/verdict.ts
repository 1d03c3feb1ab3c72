import type { Contestant } from './contestants.js';
import type { OutageRun, OutageTimeline } from './outage-report.js';

/** What was due this long before the kill may be on its way still when it comes. */
const IN_FLIGHT_MILLISECONDS = 500;

/**
 * What should not have been: an architecture turned somebody away although it needs nothing of what was
 * missing, or did not come back. How long somebody was turned away is no promise here.
 */
export function verdictOf(
  runs: readonly OutageRun[],
  contestants: readonly Pick<Contestant, 'id' | 'needs'>[],
): string[] {
  return runs.flatMap((run) =>
    run.timelines.flatMap((timeline) => {
      const { id } = timeline;
      // What is said of the outage would be said of a machine that cannot serve the load.
      if (!keptUpBefore(timeline, run))
        return [`${id} did not keep up before ${run.label} was killed: this machine is too busy`];
      const spared = !contestants.find((each) => each.id === id)?.needs.includes(run.outage);
      return complaintsAbout(timeline, run.label, spared);
    }),
  );
}

function keptUpBefore({ slices }: OutageTimeline, { downFrom }: OutageRun): boolean {
  const calmTo = downFrom - IN_FLIGHT_MILLISECONDS;
  return slices
    .filter((_, index) => (slices[index + 1]?.fromMilliseconds ?? Infinity) <= calmTo)
    .every(({ unavailable, failed }) => unavailable + failed === 0);
}

function complaintsAbout(
  { id, acceptedWhileDown, recoveryMilliseconds }: OutageTimeline,
  label: string,
  spared: boolean,
): string[] {
  const lost = `${id} did not accept everything while ${label} was away, which it does not need`;
  return [
    ...(spared && acceptedWhileDown < 1 ? [lost] : []),
    ...(recoveryMilliseconds === undefined ? [`${id} did not recover from ${label}`] : []),
  ];
}
