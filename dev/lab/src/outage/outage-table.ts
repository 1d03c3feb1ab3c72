import { formatTextTable } from '@latchkey/load-generator';
import type { OutageReport, OutageTimeline } from './outage-report.js';
import type { ObservedOutage, OutageFigures } from './outage-run.js';

const COLUMNS = [
  'of the requests due meanwhile',
  'accepted',
  '503',
  'failed',
  'p99 before',
  'p99 down',
  'recovers in',
];

/** Prints how each architecture fared. */
export function printOutage({ run, figures }: ObservedOutage, print: (line: string) => void): void {
  const downSeconds = (run.downTo - run.downFrom) / 1000;
  print('');
  print(
    `${run.label} is down for ${downSeconds.toFixed(1)} s, from the kill until it answers again`,
  );
  print('');
  const rows = run.timelines.map((timeline) => [
    timeline.label,
    ...cellsOf(timeline, figures.get(timeline.id)!),
  ]);
  for (const line of formatTextTable([COLUMNS, ...rows])) print(line);
}

function cellsOf({ recoveryMilliseconds }: OutageTimeline, figures: OutageFigures): string[] {
  const { statusWhileDown, p99BeforeMilliseconds, p99WhileDownMilliseconds } = figures;
  const counts = Object.entries(statusWhileDown).map(([status, count]) => [Number(status), count]);
  const all = counts.reduce((sum, [, count]) => sum + count!, 0);
  const part = (matches: (status: number) => boolean) => {
    const matching = counts.filter(([status]) => matches(status!));
    const share = matching.reduce((sum, [, count]) => sum + count!, 0) / Math.max(1, all);
    return `${(100 * share).toFixed(1)} %`;
  };
  const isAccepted = (status: number) => status >= 200 && status < 300;
  return [
    part(isAccepted),
    part((status) => status === 503),
    part((status) => !isAccepted(status) && status !== 503),
    ms(p99BeforeMilliseconds),
    ms(p99WhileDownMilliseconds),
    recoveryMilliseconds === undefined ? 'never' : ms(recoveryMilliseconds),
  ];
}

const ms = (value: number | undefined) => (value === undefined ? '-' : `${value.toFixed(0)} ms`);

/** Explains the tables. */
export function printNotes(
  { requestsPerSecond }: OutageReport,
  maxStalenessSeconds: number,
  print: (line: string) => void,
): void {
  print('');
  for (const line of [
    `${requestsPerSecond} requests per second to each architecture; p99 counts from when a request was due.`,
    `A verifier is stale after ${maxStalenessSeconds} s without a watermark, which auth publishes over NATS.`,
    'accept then continues without log-outs, like passport-jwt, which never has any: a token that was',
    'logged out is accepted until it expires. refuse and ask accept none (docs/guarantees.md, promises 3 and 4).',
    'recovers in: from when the part answers again to the first second in which every request is accepted.',
  ])
    print(line);
}
