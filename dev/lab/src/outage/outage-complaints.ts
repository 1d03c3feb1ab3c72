import type { Contender } from './contenders.js';
import type { OutageRun, OutageTimeline } from './outage-report.js';

/** Requests that were due this long before the kill may still be in flight then. */
const IN_FLIGHT_MILLISECONDS = 500;

/**
 * Finds architectures that refused requests although they do not depend on the part that was down, and
 * architectures that did not recover. The length of an outage is not judged.
 */
export function complaintsOf(
  runs: readonly OutageRun[],
  contenders: readonly Pick<Contender, 'id' | 'needs'>[],
): string[] {
  return runs.flatMap((run) =>
    run.timelines.flatMap((timeline) => {
      const { id } = timeline;
      // On a machine that cannot serve the load, failures say nothing about the outage.
      if (!keptUpBefore(timeline, run))
        return [`${id} did not keep up before ${run.label} was killed: this machine is too busy`];
      const unaffected = !contenders.find((each) => each.id === id)?.needs.includes(run.outage);
      return complaintsAbout(timeline, run.label, unaffected);
    }),
  );
}

function keptUpBefore({ slices }: OutageTimeline, { downFrom }: OutageRun): boolean {
  const baselineTo = downFrom - IN_FLIGHT_MILLISECONDS;
  return slices
    .filter((_, index) => (slices[index + 1]?.fromMilliseconds ?? Infinity) <= baselineTo)
    .every(({ unavailable, failed }) => unavailable + failed === 0);
}

function complaintsAbout(
  { id, acceptedWhileDown, recoveryMilliseconds }: OutageTimeline,
  label: string,
  unaffected: boolean,
): string[] {
  const lost = `${id} did not accept everything while ${label} was down, which it does not depend on`;
  return [
    ...(unaffected && acceptedWhileDown < 1 ? [lost] : []),
    ...(recoveryMilliseconds === undefined ? [`${id} did not recover from ${label}`] : []),
  ];
}
