import { quoted } from '../architectures/architecture-words.js';
import { listed, percent, seconds } from '../pages/quantity.js';
import type { OutageReport, OutageRun, OutageTimeline } from './outage-report.js';

/** From here on an architecture is said not to have noticed. */
const UNTOUCHED = 0.999;
const MILLISECONDS = 1_000;

/** What a run found on outages, one or two sentences for each. */
export function outageFindings({ runs }: OutageReport): string[] {
  const told = runs.filter(({ timelines }) => timelines.length > 0);
  return told.length === 0 ? ['Nothing was measured in this run.'] : told.map(findingOf);
}

function findingOf({ label, downFrom, downTo, timelines }: OutageRun): string {
  const away = seconds((downTo - downFrom) / MILLISECONDS);
  const untouched = timelines.filter((timeline) => timeline.acceptedWhileDown >= UNTOUCHED);
  const touched = timelines.filter((timeline) => timeline.acceptedWhileDown < UNTOUCHED);
  return [
    `While ${label} was away (${away}):`,
    touched.length === 0
      ? 'all architectures that were measured answered as before.'
      : `${listed(touched.map(effectOf))}.`,
    untouched.length > 0 && touched.length > 0 && unaffected(untouched),
  ]
    .filter((part) => part !== false)
    .join(' ');
}

function unaffected(timelines: readonly OutageTimeline[]): string {
  return `Nothing of it was seen with ${listed(timelines.map(({ label }) => quoted(label)))}.`;
}

function effectOf(timeline: OutageTimeline): string {
  const { label, acceptedWhileDown, recoveryMilliseconds } = timeline;
  const recovery =
    recoveryMilliseconds === undefined
      ? 'and was not free of failures again within the time watched'
      : `and was free of failures ${seconds(recoveryMilliseconds / MILLISECONDS)} after its return`;
  return `${quoted(label)} accepted ${percent(acceptedWhileDown)} of the requests (the others: ${othersOf(timeline)}) ${recovery}`;
}

/** In a whole timeline: slices do not end where the outage does. */
function othersOf({ slices }: OutageTimeline): string {
  const sum = (of: 'unavailable' | 'failed') =>
    slices.reduce((total, slice) => total + slice[of], 0);
  const [unavailable, failed] = [sum('unavailable'), sum('failed')];
  if (unavailable === 0 && failed === 0) return 'not counted';
  if (failed === 0) return '503, “I cannot tell”';
  if (unavailable === 0) return 'errors or no answer in time';
  return unavailable >= failed
    ? 'mostly 503, “I cannot tell”'
    : 'mostly errors or no answer in time';
}
