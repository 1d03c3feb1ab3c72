import type { Figure, Panel } from '../pages/figure.js';
import { OUTCOME_COLORS } from '../pages/look.js';
import { milliseconds, number, percent, seconds } from '../pages/quantity.js';
import { timelineChart } from './timeline-chart.js';
import type { OutageReport, OutageRun, OutageTimeline } from './outage-report.js';

const MILLISECONDS = 1_000;

/** A figure for each outage, with the outcomes of the requests to each architecture. */
export function outageFigures(report: OutageReport): Figure[] {
  return report.runs
    .filter(({ timelines }) => timelines.length > 0)
    .map((run) => outageFigure(run, report));
}

function outageFigure(run: OutageRun, report: OutageReport): Figure {
  return {
    id: `outage-${run.outage}`,
    caption: `Down between the two dashed lines: ${run.label}.`,
    reading: `The outcomes of the requests that were due in each slice of time; ${number(report.requestsPerSecond)} are sent per second, regardless of the responses.`,
    legend: [
      { label: 'accepted', color: OUTCOME_COLORS.accepted },
      { label: '503: the service cannot tell', color: OUTCOME_COLORS.unavailable },
      { label: 'refused, failed, or timed out', color: OUTCOME_COLORS.failed },
    ],
    columns: 2,
    panels: run.timelines.map((timeline) => panelOf(timeline, run, report)),
    table: tableOf(run),
  };
}

function panelOf(timeline: OutageTimeline, run: OutageRun, report: OutageReport): Panel {
  const { label, slices, acceptedWhileDown, recoveryMilliseconds } = timeline;
  const { requestsPerSecond, sliceMilliseconds } = report;
  const { downFrom, downTo } = run;
  return {
    title: label,
    alternative:
      `${label} while ${run.label} is down: ${percent(acceptedWhileDown)} of the requests accepted; ` +
      `without failures ${recovered(recoveryMilliseconds)}.`,
    drawing: timelineChart(slices, { requestsPerSecond, sliceMilliseconds, downFrom, downTo }),
  };
}

const recovered = (after: number | undefined) =>
  after === undefined
    ? 'not again while watched'
    : `${seconds(after / MILLISECONDS)} after it was back`;

function tableOf({ label, timelines, downFrom, downTo }: OutageRun): Figure['table'] {
  return {
    caption: `${label} down: requests of the whole timeline, and p99 during the outage`,
    head: [
      '',
      'accepted during the outage',
      'without failures again',
      'accepted',
      '503',
      'failed',
      'highest p99 of a slice during the outage',
    ],
    rows: timelines.map(({ label: name, slices, acceptedWhileDown, recoveryMilliseconds }) => {
      const sum = (of: 'accepted' | 'unavailable' | 'failed') =>
        number(slices.reduce((total, slice) => total + slice[of], 0));
      const slow = slices.flatMap(({ fromMilliseconds, p99Milliseconds }) =>
        fromMilliseconds >= downFrom && fromMilliseconds < downTo ? (p99Milliseconds ?? []) : [],
      );
      return [
        name,
        percent(acceptedWhileDown),
        recovered(recoveryMilliseconds),
        sum('accepted'),
        sum('unavailable'),
        sum('failed'),
        slow.length === 0 ? 'no response' : milliseconds(Math.max(...slow)),
      ];
    }),
  };
}
