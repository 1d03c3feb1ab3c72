import { formatColumns } from '../columns.js';
import type { OutageReport, OutageTimeline } from './outage-report.js';
import type { Beside, ObservedOutage } from './outage-run.js';

const COLUMNS = [
  'of the requests due meanwhile',
  'accepted',
  '503',
  'failed',
  'p99 before',
  'p99 down',
  'recovers in',
];

/** What each architecture made of it. */
export function printOutage({ run, beside }: ObservedOutage, print: (line: string) => void): void {
  const away = (run.downTo - run.downFrom) / 1000;
  print('');
  print(`${run.label} is away for ${away.toFixed(1)} s, from its kill until it answers again`);
  print('');
  const rows = run.timelines.map((timeline) => [
    timeline.label,
    ...cellsOf(timeline, beside.get(timeline.id)!),
  ]);
  for (const line of formatColumns([COLUMNS, ...rows])) print(line);
}

function cellsOf({ recoveryMilliseconds }: OutageTimeline, beside: Beside): string[] {
  const { statusWhileDown, p99BeforeMilliseconds, p99WhileDownMilliseconds } = beside;
  const counts = Object.entries(statusWhileDown).map(([status, count]) => [Number(status), count]);
  const all = counts.reduce((sum, [, count]) => sum + count!, 0);
  const part = (isMeant: (status: number) => boolean) => {
    const meant = counts.filter(([status]) => isMeant(status!));
    const share = meant.reduce((sum, [, count]) => sum + count!, 0) / Math.max(1, all);
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

/** What the tables leave open. */
export function printNotes(
  { requestsPerSecond }: OutageReport,
  maxStalenessSeconds: number,
  print: (line: string) => void,
): void {
  print('');
  for (const line of [
    `${requestsPerSecond} requests per second to each, begun when they are due; p99 from then on.`,
    `A verifier is stale after ${maxStalenessSeconds} s without word that its log-outs are complete, which auth sends and NATS carries.`,
    'accept goes on then without hearing of log-outs, like passport-jwt, which never hears of any: a token that was',
    'logged out passes until it expires. refuse and ask let none pass (docs/guarantees.md, promises 3 and 4).',
    'It recovers in: from when the part answers to the first second in which every request is accepted.',
  ])
    print(line);
}
