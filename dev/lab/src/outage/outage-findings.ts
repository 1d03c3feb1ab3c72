import { quoted } from '../architectures/architecture-words.js';
import { listed, number, percent, seconds } from '../pages/quantity.js';
import type { Statement } from '../pages/section.js';
import type { OutageReport, OutageRun, OutageTimeline } from './outage-report.js';

const MILLISECONDS = 1_000;

const isUntouched = ({ acceptedWhileDown }: OutageTimeline) => acceptedWhileDown >= 1;

/** The findings of a run. */
export function outageFindings({ runs }: OutageReport): Statement[] {
  const told = runs.filter(({ timelines }) => timelines.length > 0);
  if (told.length === 0) return [{ sentence: 'Nothing was measured in this run.' }];
  return [inShort(told), ...told.map(findingOf), ...missing(told)];
}

/** Names the architectures that accepted every request during every outage. */
function inShort(runs: readonly OutageRun[]): Statement {
  const timelines = runs.flatMap((run) => run.timelines);
  const labels = [...new Set(timelines.map(({ label }) => label))];
  const through = labels.filter((label) =>
    timelines.filter((timeline) => timeline.label === label).every(isUntouched),
  );
  const outages = listed(runs.map(({ label }) => label));
  if (through.length === 0)
    return {
      sentence: `Down in turn: ${outages}. Each architecture lost requests in at least one of the outages.`,
    };
  const rest =
    through.length === labels.length ? '' : ' Each of the others lost requests in at least one.';
  return {
    sentence: `Down in turn: ${outages}. Every request was accepted throughout the outages with ${listed(through.map(quoted))}.${rest}`,
  };
}

function findingOf({ label, downFrom, downTo, timelines }: OutageRun): Statement {
  const down = seconds((downTo - downFrom) / MILLISECONDS);
  const untouched = timelines.filter(isUntouched).map((timeline) => timeline.label);
  const touched = timelines.filter((timeline) => !isUntouched(timeline));
  return {
    sentence: `While ${label} was down (${down}):`,
    items: [
      ...touched.map((timeline) => ({ name: timeline.label, text: effectOf(timeline) })),
      ...(untouched.length === 0
        ? []
        : [{ name: 'Every request was accepted with', text: `${listed(untouched.map(quoted))}.` }]),
    ],
  };
}

function effectOf(timeline: OutageTimeline): string {
  const { acceptedWhileDown, recoveryMilliseconds } = timeline;
  const accepted =
    acceptedWhileDown <= 0
      ? 'no request was accepted'
      : `${percent(acceptedWhileDown)} of the requests were accepted`;
  return `${[accepted, ...othersOf(timeline), recovery(recoveryMilliseconds)].join('; ')}.`;
}

function recovery(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return 'failures did not end within the time watched';
  return milliseconds <= 0
    ? 'no failures as soon as it was back'
    : `no failures from ${seconds(milliseconds / MILLISECONDS)} after it was back`;
}

/** Counts the whole timeline, because slices do not end with the outage. */
function othersOf({ slices }: OutageTimeline): string[] {
  const sum = (of: 'unavailable' | 'failed') =>
    slices.reduce((total, slice) => total + slice[of], 0);
  const [unavailable, failed] = [sum('unavailable'), sum('failed')];
  return [
    ...(unavailable > 0 ? [`${number(unavailable)} in all got a 503 (“I cannot tell”)`] : []),
    ...(failed > 0 ? [`${number(failed)} in all failed or timed out`] : []),
  ];
}

function missing(runs: readonly OutageRun[]): Statement[] {
  return runs.some(({ outage }) => outage === 'session-redis')
    ? []
    : [{ sentence: 'Redis was not part of this run (it needs a redis-server).' }];
}
