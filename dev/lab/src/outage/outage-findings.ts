import { quoted } from '../architectures/architecture-words.js';
import { listed, number, percent, seconds } from '../pages/quantity.js';
import type { Statement } from '../pages/section.js';
import type { OutageReport, OutageRun, OutageTimeline } from './outage-report.js';

const MILLISECONDS = 1_000;

const isUntouched = ({ acceptedWhileDown }: OutageTimeline) => acceptedWhileDown >= 1;

/** What a run found on outages. */
export function outageFindings({ runs }: OutageReport): Statement[] {
  const told = runs.filter(({ timelines }) => timelines.length > 0);
  if (told.length === 0) return [{ sentence: 'Nothing was measured in this run.' }];
  return [inShort(told), ...told.map(findingOf), ...missing(told)];
}

/** Who went on through everything that it was put through. */
function inShort(runs: readonly OutageRun[]): Statement {
  const timelines = runs.flatMap((run) => run.timelines);
  const labels = [...new Set(timelines.map(({ label }) => label))];
  const through = labels.filter((label) =>
    timelines.filter((timeline) => timeline.label === label).every(isUntouched),
  );
  const outages = listed(runs.map(({ label }) => label));
  if (through.length === 0)
    return {
      sentence: `Away in turn: ${outages}. Each architecture lost requests in at least one of the outages.`,
    };
  const rest =
    through.length === labels.length ? '' : ' Each of the others lost requests in at least one.';
  return {
    sentence: `Away in turn: ${outages}. Every request was accepted throughout the outages with ${listed(through.map(quoted))}.${rest}`,
  };
}

function findingOf({ label, downFrom, downTo, timelines }: OutageRun): Statement {
  const away = seconds((downTo - downFrom) / MILLISECONDS);
  const untouched = timelines.filter(isUntouched).map((timeline) => timeline.label);
  const touched = timelines.filter((timeline) => !isUntouched(timeline));
  return {
    sentence: `While ${label} was away (${away}):`,
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
  if (milliseconds === undefined)
    return 'it was not free of failures again within the time watched';
  return milliseconds <= 0
    ? 'free of failures as soon as it was back'
    : `free of failures ${seconds(milliseconds / MILLISECONDS)} after it was back`;
}

/** In a whole timeline: slices do not end where the outage does. */
function othersOf({ slices }: OutageTimeline): string[] {
  const sum = (of: 'unavailable' | 'failed') =>
    slices.reduce((total, slice) => total + slice[of], 0);
  const [unavailable, failed] = [sum('unavailable'), sum('failed')];
  return [
    ...(unavailable > 0
      ? [`${number(unavailable)} in all were answered 503 (“I cannot tell”)`]
      : []),
    ...(failed > 0 ? [`${number(failed)} in all failed or had no answer in time`] : []),
  ];
}

function missing(runs: readonly OutageRun[]): Statement[] {
  return runs.some(({ outage }) => outage === 'session-redis')
    ? []
    : [{ sentence: 'Redis was not part of this run (it needs a redis-server).' }];
}
