import { formatTextTable, type Summary } from '@latchkey/load-generator';
import { PART_LABELS } from '../architectures/architecture.js';
import type { ComparedArchitecture, CompareReport } from './compare-report.js';

/** Prints the comparison as tables. */
export function printComparison(report: CompareReport, print: (line: string) => void): void {
  const { architectures, rounds, secondsPerRound, connections } = report;
  const [first] = architectures;
  print('');
  print(
    `Requests per second and latency: ${rounds === 1 ? 'one round' : `medians of ${rounds} rounds`} of ${secondsPerRound} s`,
  );
  print('');
  formatTextTable([
    ['', 'requests/s', 'lowest to highest', 'p50 / p99 at the same rate', 'p50 / p99 at its own'],
    ...architectures.map(rates),
  ]).forEach(print);
  print('');
  print(
    `requests/s: ${connections} connections, each sends its next request when it is answered. Latency in ms, from when`,
  );
  print(
    `a request was due, at ${first?.atCommonRate.perSecond ?? 0} requests/s for all, and at ` +
      `${report.ownRatePart * 100} % of each one's own throughput.`,
  );
  print('');
  print('Work per request, processor time in microseconds');
  print('');
  formatTextTable([
    ['', 'service', 'its data', 'shared part', 'its time', 'round trips', 'bytes'],
    ...architectures.map(work),
  ]).forEach(print);
  print('');
  const { cpuMicroseconds, tokenLifetimeSeconds } = report.refresh;
  if (cpuMicroseconds !== undefined)
    print(
      `A refresh, every ${tokenLifetimeSeconds} s for an active user, takes auth and its Postgres ` +
        `${whole(cpuMicroseconds)} microseconds`,
    );
  for (const { label, backgroundBytesPerSecond } of architectures)
    if (backgroundBytesPerSecond > 0)
      print(
        `${label}: ${whole(backgroundBytesPerSecond)} bytes/s from NATS, regardless of the load`,
      );
}

const whole = (value: number) => Math.round(value).toLocaleString('en');
const tenths = (value: number) => value.toFixed(1);
const known = (value: Summary | undefined) => (value ? whole(value.median) : '?');

function rates({ label, perSecond, atCommonRate, atOwnRate }: ComparedArchitecture): string[] {
  const { median, min, max } = perSecond;
  const latency = ({ p50, p99 }: typeof atOwnRate) =>
    `${tenths(p50.median)} / ${tenths(p99.median)}`;
  return [
    label,
    whole(median),
    `${whole(min)} to ${whole(max)}`,
    latency(atCommonRate),
    `${latency(atOwnRate)} at ${whole(atOwnRate.perSecond)}/s`,
  ];
}

function work({ label, cpuMicroseconds, shared }: ComparedArchitecture): string[] {
  const own = [label, known(cpuMicroseconds.service), known(cpuMicroseconds.database)];
  if (!shared) return [...own, 'none', '', '', ''];
  return [
    ...own,
    PART_LABELS[shared.part],
    known(shared.cpuMicroseconds),
    tenths(shared.roundTrips),
    whole(shared.bytesSent + shared.bytesReceived),
  ];
}
