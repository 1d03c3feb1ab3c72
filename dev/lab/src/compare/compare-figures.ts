import type { Summary } from '@latchkey/load-generator';
import { PART_LABELS } from '../architectures/architecture.js';
import type { Figure, Panel } from '../pages/figure.js';
import { lookOf, MARK_SHAPES, PART_COLORS } from '../pages/look.js';
import {
  bytes,
  counted,
  microseconds,
  milliseconds,
  number,
  percent,
  rounded,
  spread,
} from '../pages/quantity.js';
import { barChart, markChart, stackedBarChart, type MarkedRow } from '../pages/row-charts.js';
import type { ComparedArchitecture, CompareReport, LatencyAtRate } from './compare-report.js';

const markOf = ({ median, min, max }: Summary) => ({ value: median, low: min, high: max });

export function throughputFigure({ architectures }: CompareReport): Figure {
  const bars = architectures.map(({ id, label, perSecond }) => ({
    label,
    color: lookOf(id).color,
    value: perSecond.median,
    low: perSecond.min,
    high: perSecond.max,
    note: rounded(perSecond.median),
  }));
  return {
    id: 'compare-throughput',
    caption: 'Requests per second of the whole system on one core.',
    reading:
      'Longer is better. The service, its database and everything that a request asks share this core. Whiskers show the range of the rounds.',
    panels: [
      {
        alternative: `Bars of requests per second: ${bars.map(({ label, note }) => `${label} ${note}`).join('; ')}.`,
        drawing: barChart(bars, { name: 'requests per second' }),
      },
    ],
    table: {
      caption: 'Requests per second, closed loop: median and range of the rounds',
      head: ['', 'median', 'lowest round', 'highest round'],
      rows: architectures.map(({ label, perSecond: { median, min, max } }) => [
        label,
        ...[median, min, max].map(number),
      ]),
    },
  };
}

export function latencyFigure({ architectures, ownRatePart }: CompareReport): Figure {
  const values = architectures.flatMap(({ atCommonRate, atOwnRate }) =>
    [atCommonRate, atOwnRate].flatMap(({ p50, p99 }) => [p50.min, p99.max]),
  );
  const common = architectures[0]?.atCommonRate.perSecond ?? 0;
  const panel = (title: string, of: (one: ComparedArchitecture) => LatencyAtRate): Panel => ({
    title,
    alternative: `${title}. p50 and p99: ${architectures
      .map((one) => `${one.label} ${latencyNote(of(one))}`)
      .join('; ')}.`,
    drawing: markChart(
      architectures.map((one) => latencyRow(one, of(one))),
      { name: 'milliseconds', max: Math.max(...values) },
      values,
    ),
  });
  return {
    id: 'compare-latency',
    caption: 'Latency when requests come at a fixed rate.',
    reading:
      'Further left is better. The line extends from the lowest p50 to the highest p99 of any round.',
    legend: [
      { label: 'p50: half of the requests are faster', color: '#333333', marker: MARK_SHAPES[0] },
      { label: 'p99: 99 of 100 are faster', color: '#333333', marker: MARK_SHAPES[1] },
    ],
    panels: [
      panel(`All at ${rounded(common)} requests per second`, ({ atCommonRate }) => atCommonRate),
      panel(`Each at ${percent(ownRatePart)} of its own throughput`, ({ atOwnRate }) => atOwnRate),
    ],
    table: {
      caption: 'Latency in milliseconds, open loop: median and range of the rounds',
      head: ['', 'common rate: p50', 'p99', 'own rate, per second', 'p50', 'p99'],
      rows: architectures.map(({ label, atCommonRate, atOwnRate }) => [
        label,
        spread(atCommonRate.p50),
        spread(atCommonRate.p99),
        number(atOwnRate.perSecond),
        spread(atOwnRate.p50),
        spread(atOwnRate.p99),
      ]),
    },
  };
}

const latencyNote = ({ p50, p99 }: LatencyAtRate) =>
  `${rounded(p50.median)} / ${milliseconds(p99.median)}`;

function latencyRow({ id, label }: ComparedArchitecture, latency: LatencyAtRate): MarkedRow {
  return {
    label,
    color: lookOf(id).color,
    marks: [markOf(latency.p50), markOf(latency.p99)],
    note: latencyNote(latency),
  };
}

export function processorFigure({ architectures }: CompareReport): Figure {
  const parts = [
    { name: 'the service', color: PART_COLORS.service },
    { name: 'the service’s own database', color: PART_COLORS.database },
    {
      name: 'what all replicas share (Redis, the sessions’ Postgres, auth)',
      color: PART_COLORS.shared,
    },
  ];
  const rows = architectures.map(({ label, cpuMicroseconds: { service, database }, shared }) => {
    const values = [service, database, shared?.cpuMicroseconds].map((part) => part?.median);
    return { label, values, note: processorNote(values, shared !== undefined) };
  });
  return {
    id: 'compare-processor',
    caption: 'Processor time of one request, in all parts.',
    reading:
      'Shorter is better. The first two parts scale with the replicas; the last one is shared by all of them.',
    legend: parts.map(({ name, color }) => ({ label: name, color })),
    panels: [
      {
        alternative: `Stacked bars of microseconds for each request: ${rows.map(({ label, note }) => `${label} ${note}`).join('; ')}.`,
        drawing: stackedBarChart(rows, parts, { name: 'microseconds for each request' }),
      },
    ],
    table: {
      caption: 'Processor time of one request in microseconds: median and range of the rounds',
      head: ['', ...parts.map(({ name }) => name)],
      rows: architectures.map(({ label, cpuMicroseconds, shared }) => [
        label,
        spread(cpuMicroseconds.service),
        spread(cpuMicroseconds.database),
        shared ? spread(shared.cpuMicroseconds) : 'none',
      ]),
    },
  };
}

function processorNote(values: readonly (number | undefined)[], shares: boolean): string {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return 'unknown';
  const wanted = shares ? values.length : values.length - 1;
  const sum = known.reduce((total, value) => total + value, 0);
  return known.length < wanted ? `${microseconds(sum)} or more` : microseconds(sum);
}

export function sharedWorkFigure({ architectures }: CompareReport): Figure {
  const parts = [
    { name: 'sent to it', color: PART_COLORS.shared },
    { name: 'received from it', color: PART_COLORS.database },
  ];
  const rows = architectures.map(({ label, shared }) => ({
    label,
    values: [shared?.bytesSent, shared?.bytesReceived],
    note: shared
      ? `${counted(shared.roundTrips, 'round trip')}, ${bytes(shared.bytesSent + shared.bytesReceived)}`
      : 'nothing',
  }));
  return {
    id: 'compare-shared',
    caption: 'What one request asks of the shared parts.',
    legend: parts.map(({ name, color }) => ({ label: name, color })),
    panels: [
      {
        alternative: `Bars of bytes for each request: ${rows.map(({ label, note }) => `${label} ${note}`).join('; ')}.`,
        drawing: stackedBarChart(rows, parts, { name: 'bytes for each request' }),
      },
    ],
    table: {
      caption: 'Shared work of one request',
      head: ['', 'asks', 'round trips', 'bytes sent', 'bytes received', 'bytes/s without requests'],
      rows: architectures.map(({ label, shared, backgroundBytesPerSecond }) => [
        label,
        ...(shared
          ? [
              PART_LABELS[shared.part],
              ...[shared.roundTrips, shared.bytesSent, shared.bytesReceived].map(number),
            ]
          : ['nothing', '0', '0', '0']),
        number(backgroundBytesPerSecond),
      ]),
    },
  };
}
