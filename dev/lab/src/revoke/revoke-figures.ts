import type { Distribution } from '../report-schema.js';
import type { Figure, LegendEntry, Panel } from '../pages/figure.js';
import { lookOf, MARK_SHAPES } from '../pages/look.js';
import { counted, milliseconds, number } from '../pages/quantity.js';
import { markChart, type MarkedRow } from '../pages/row-charts.js';
import type { RevokedArchitecture, RevokePoint, RevokeReport } from './revoke-report.js';

interface Row {
  readonly architecture: RevokedArchitecture;
  readonly point: RevokePoint;
}

export function refusalFigure(report: RevokeReport): Figure {
  const rows = rowsOf(report);
  const watched = report.watchedMilliseconds;
  // A log axis cannot show zero; 0.1 ms is below what a client can observe.
  const values = rows.flatMap(({ point: { sinceSent } }) =>
    sinceSent ? [Math.max(sinceSent.p50, 0.1), sinceSent.max] : [],
  );
  const sizes = [...new Set(rows.map(({ point }) => point.clients))].sort((a, b) => a - b);
  return {
    id: 'revoke-refusal',
    caption: 'Time from a log-out’s request to a client’s first refusal.',
    reading: 'Further left is better. All clients use the credential that is logged out.',
    legend: [
      { label: 'p50: half of the clients', color: '#333333', marker: MARK_SHAPES[0] },
      { label: 'p99: 99 of 100', color: '#333333', marker: MARK_SHAPES[1] },
      { label: 'the last client', color: '#333333', marker: MARK_SHAPES[2] },
      ...(rows.some(({ point }) => point.neverRefused > 0) ? [neverEntry(watched)] : []),
    ],
    panels: sizes.map((clients) =>
      panelOf(
        clients,
        rows.filter(({ point }) => point.clients === clients),
        { watched, values },
      ),
    ),
    table: refusalTable(rows),
  };
}

const neverEntry = (watched: number): LegendEntry => ({
  label: `arrow: not refused within ${milliseconds(watched)}`,
  color: '#333333',
  line: [2, 4],
});

const rowsOf = ({ architectures }: RevokeReport): Row[] =>
  architectures.flatMap((architecture) =>
    architecture.points.map((point) => ({ architecture, point })),
  );

function panelOf(
  clients: number,
  rows: readonly Row[],
  { watched, values }: { readonly watched: number; readonly values: readonly number[] },
): Panel {
  const marked = rows.map(({ architecture, point }) => markedRow(architecture, point, watched));
  const title = counted(clients, 'client');
  return {
    title,
    alternative: `${title}, milliseconds from the log-out to the last refusal: ${marked
      .map(({ label, note }) => `${label} ${note}`)
      .join('; ')}.`,
    drawing: markChart(
      marked,
      { name: 'milliseconds', max: Math.max(1, ...values) },
      values.length > 0 ? values : [1],
    ),
  };
}

function markedRow(
  { id, label }: RevokedArchitecture,
  { sinceSent, neverRefused, clients, rounds }: RevokePoint,
  watched: number,
): MarkedRow {
  const never =
    neverRefused >= clients * rounds
      ? `> ${milliseconds(watched)}`
      : `${number(neverRefused)} of ${number(clients * rounds)} never`;
  if (!sinceSent)
    return {
      label,
      color: lookOf(id).color,
      marks: [],
      beyond: neverRefused > 0,
      note: neverRefused > 0 ? never : 'no refusal seen',
    };
  const marks = [sinceSent.p50, sinceSent.p99, sinceSent.max].map((value) => {
    const drawn = Math.max(value, 0.1);
    return { value: drawn, low: drawn, high: drawn };
  });
  const last = milliseconds(sinceSent.max);
  return {
    label,
    color: lookOf(id).color,
    marks,
    beyond: neverRefused > 0,
    note: neverRefused > 0 ? never : last,
  };
}

function refusalTable(rows: readonly Row[]): Figure['table'] {
  const three = (distribution: Distribution | undefined) =>
    distribution && distribution.samples > 0
      ? [distribution.p50, distribution.p99, distribution.max].map(number).join(' / ')
      : 'none';
  return {
    caption:
      'Milliseconds: p50 / p99 / last. Negative times after the response: refused before it arrived',
    head: [
      '',
      'clients',
      'rounds',
      'refused, after the log-out was sent',
      'refused, after its response',
      'last accepted call, after the response',
      'duration of the log-out',
      'never refused',
    ],
    rows: rows.map(({ architecture, point }) => [
      architecture.label,
      number(point.clients),
      number(point.rounds),
      three(point.sinceSent),
      three(point.sinceAnswered),
      three(point.exposure),
      three(point.logOut),
      number(point.neverRefused),
    ]),
  };
}
