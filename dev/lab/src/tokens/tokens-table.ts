import { formatTextTable } from '@latchkey/load-generator';
import { outcomeOf } from './theft-outcome.js';
import type { MeasuredWay, TokensReport } from './tokens-report.js';

/** Prints the report as tables. */
export function printTokens(report: TokensReport, print: (line: string) => void): void {
  const { ways } = report;
  const lines = (rows: readonly (readonly string[])[]) => {
    print('');
    formatTextTable(rows.map((row) => [...row])).forEach(print);
  };
  lines([
    ['exchanges (and own tokens) of orders', ...ways.map(({ way }) => way)],
    ...countedRows(ways),
  ]);
  lines([['bytes of one order', ...ways.map(({ way }) => way)], ...byteRows(ways)]);
  lines([
    ['milliseconds of one order', ...ways.map(({ way }) => way)],
    ...(['warm', 'cold'] as const).flatMap((kind) => latencyRows(ways, kind)),
  ]);
  lines([['a stolen token of', ...ways.map(({ way }) => way)], ...theftRows(ways)]);
}

type Rows = (readonly string[])[];

const countedRows = (ways: readonly MeasuredWay[]): Rows =>
  (ways[0]?.counted ?? []).flatMap(({ customers, first, next }, index) =>
    (['first', 'next'] as const).map((which) => [
      `${which} ${(which === 'first' ? first : next).orders} of ${customers} customers`,
      ...ways.map(({ counted }) => {
        const { exchanges, ownTokens } = counted[index]![which];
        return `${exchanges} (${ownTokens})`;
      }),
    ]),
  );

const byteRows = (ways: readonly MeasuredWay[]): Rows => [
  [`tokens of ${ways[0]?.bytes.calls} calls`, ...ways.map(({ bytes }) => String(bytes.tokens))],
  ['all headers of these calls', ...ways.map(({ bytes }) => String(bytes.headers))],
  ['to and from auth, first order', ...ways.map(({ bytes }) => String(bytes.authFirst))],
  ['to and from auth, next order', ...ways.map(({ bytes }) => String(bytes.authNext))],
];

function latencyRows(ways: readonly MeasuredWay[], kind: 'warm' | 'cold'): Rows {
  const relay = ways.find(({ way }) => way === 'relay')?.[kind].all.p50;
  const text = (milliseconds: number) => milliseconds.toFixed(1);
  return [
    [`${kind}, median`, ...ways.map((way) => text(way[kind].all.p50))],
    [
      `${kind}, median / that of relay`,
      ...ways.map((way) => (relay === undefined ? '?' : (way[kind].all.p50 / relay).toFixed(2))),
    ],
    [
      `${kind}, medians of the rounds`,
      ...ways.map((way) => `${text(way[kind].medians.min)} to ${text(way[kind].medians.max)}`),
    ],
    [`${kind}, p99`, ...ways.map((way) => text(way[kind].all.p99))],
  ];
}

const theftRows = (ways: readonly MeasuredWay[]): Rows =>
  (ways[0]?.thefts ?? []).flatMap(({ hop }, index) => {
    const outcomes = ways.map(({ thefts }) => outcomeOf(thefts[index]!));
    return [
      [
        `${hop}: lets in, of ${outcomes[0]!.tried} routes`,
        ...outcomes.map(({ letIn }) => String(letIn.length)),
      ],
      [
        `${hop}: at the services`,
        ...outcomes.map(
          ({ letIn }) => [...new Set(letIn.map(({ service }) => service))].join(' ') || 'none',
        ),
      ],
      [`${hop}: changes of other orders`, ...outcomes.map(({ done }) => String(done.length))],
    ];
  });
