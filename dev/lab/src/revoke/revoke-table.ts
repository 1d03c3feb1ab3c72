import type { Distribution } from '../distribution.js';
import { formatColumns } from '../columns.js';
import type { RevokePoint, RevokeReport } from './revoke-report.js';

/** The typed report, and what belongs to it but to no chart. */
export interface RevokeFindings extends RevokeReport {
  /** Of all clients together: so often a refusal can be seen. */
  readonly callsPerSecond: number;
  /** Log-outs that NATS did not acknowledge in time (202): promised is less of them. */
  readonly notAcknowledged: number;
  /** Calls that were neither accepted nor refused: how many, by status, for each architecture. */
  readonly unexpected: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const COLUMNS = ['sent: p50', 'max', 'answered: p50', 'max', 'accepted: p50', 'max', 'never'];

/** As tables, one for each number of clients. */
export function printRevoke(findings: RevokeFindings, print: (line: string) => void): void {
  const { architectures, replicas, callsPerSecond, watchedMilliseconds } = findings;
  const { notAcknowledged } = findings;
  const counts = new Set(architectures.flatMap(({ points }) => points.map((each) => each.clients)));
  for (const clients of counts) printCount(findings, clients, print);
  print('');
  for (const line of [
    'sent, answered: from then to the first refusal of each client; before the answer it is negative.',
    'accepted: from the answer to the begin of the last call, of any client, that was still accepted.',
    `never: clients that saw no refusal within ${watchedMilliseconds / 1000} s of the answer, of all.`,
    `${callsPerSecond} calls per second in all, over ${replicas} replicas and the clients in turn: a client sees a refusal`,
    'with its next call, up to its pace after it could have been refused.',
  ])
    print(line);
  if (notAcknowledged > 0)
    print(`${notAcknowledged} log-outs were answered 202: NATS had not acknowledged them in time.`);
}

function printCount(
  { architectures, callsPerSecond }: RevokeFindings,
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
  for (const line of formatColumns([['milliseconds', ...COLUMNS], ...rows])) print(line);
}

const cellsOf = ({ clients, rounds, neverRefused, ...point }: RevokePoint) => [
  ...middleAndMost(point.sinceSent),
  ...middleAndMost(point.sinceAnswered),
  ...middleAndMost(point.exposure),
  `${neverRefused}/${clients * rounds}`,
];

const middleAndMost = (distribution: Distribution | undefined): [string, string] =>
  distribution ? [distribution.p50.toFixed(1), distribution.max.toFixed(1)] : ['-', '-'];
