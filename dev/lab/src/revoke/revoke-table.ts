import type { Distribution } from '../report-schema.js';
import { formatTextTable } from '@latchkey/load-generator';
import type { RevokePoint, RevokeReport } from './revoke-report.js';

const COLUMNS = ['sent: p50', 'max', 'answered: p50', 'max', 'accepted: p50', 'max', 'never'];

/** Prints a table for each number of clients. */
export function printRevoke(report: RevokeReport, print: (line: string) => void): void {
  const { architectures, replicas, callsPerSecond, watchedMilliseconds } = report;
  const { notAcknowledged } = report;
  const counts = new Set(architectures.flatMap(({ points }) => points.map((each) => each.clients)));
  for (const clients of counts) printCount(report, clients, print);
  print('');
  for (const line of [
    'sent, answered: time from then to the first refusal of each client; negative before the answer.',
    'accepted: time from the answer to the start of the last call of any client that was accepted.',
    `never: clients that saw no refusal within ${watchedMilliseconds / 1000} s of the answer, and all clients.`,
    `${callsPerSecond} calls per second in all, over ${replicas} replicas: a client sees a refusal with its next call,`,
    'which is due up to one interval after the first moment at which it could be refused.',
  ])
    print(line);
  if (notAcknowledged > 0)
    print(`${notAcknowledged} log-outs returned 202: NATS did not acknowledge them in time.`);
}

function printCount(
  { architectures, callsPerSecond }: RevokeReport,
  clients: number,
  print: (line: string) => void,
): void {
  const pace = (clients * 1000) / callsPerSecond;
  print('');
  print(
    clients === 1
      ? `1 client, which calls every ${pace} ms`
      : `${clients} clients, each of which calls every ${pace} ms`,
  );
  print('');
  const rows = architectures.flatMap(({ label, points }) =>
    points.filter((point) => point.clients === clients).map((point) => [label, ...cellsOf(point)]),
  );
  for (const line of formatTextTable([['milliseconds', ...COLUMNS], ...rows])) print(line);
}

const cellsOf = ({ clients, rounds, neverRefused, ...point }: RevokePoint) => [
  ...middleAndMost(point.sinceSent),
  ...middleAndMost(point.sinceAnswered),
  ...middleAndMost(point.exposure),
  `${neverRefused}/${clients * rounds}`,
];

const middleAndMost = (distribution: Distribution | undefined): [string, string] =>
  distribution ? [distribution.p50.toFixed(1), distribution.max.toFixed(1)] : ['-', '-'];
