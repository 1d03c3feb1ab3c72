import { distributionOf, type Distribution } from '../distribution.js';
import type { FanoutResult } from './fanout-rounds.js';

/** Of the last verifier, after the answer: `docs/guarantees.md`. */
const TARGETS = [
  { upTo: 10, p99Milliseconds: 10 },
  { upTo: 1_000, p99Milliseconds: 50 },
];
const TARGET_RATIO = 1.5;

interface Row {
  readonly label: string;
  readonly distribution: Distribution;
}

interface Summary {
  readonly verifiers: number;
  readonly processes: number;
  readonly rows: readonly Row[];
  /** p99 of the last verifier, over that of the last plain connection. */
  readonly ratioToBare: number;
  readonly targets: readonly { readonly what: string; readonly met: boolean }[];
  readonly confirmed: {
    readonly took: Distribution;
    readonly slowest: Distribution;
    readonly complete: number;
  };
  readonly missing: number;
}

const last = (rounds: readonly (readonly number[])[]) => rounds.map((times) => Math.max(...times));

function summarise(result: FanoutResult): Summary {
  const { verifiers, sinceSent, sinceAnswer, bare, confirmed } = result;
  const row = (label: string, samples: readonly number[]): Row => ({
    label,
    distribution: distributionOf(samples),
  });
  const lastAfterAnswer = row('last verifier refuses, after the answer', last(sinceAnswer));
  const lastBare = row('last plain connection, bare NATS', last(bare));
  const ratioToBare = lastAfterAnswer.distribution.p99 / lastBare.distribution.p99;
  return {
    verifiers,
    processes: result.processes,
    rows: [
      row('each verifier refuses, after the log-out was sent', sinceSent.flat()),
      row('last verifier refuses, after the log-out was sent', last(sinceSent)),
      row('each verifier refuses, after the answer', sinceAnswer.flat()),
      lastAfterAnswer,
      row('each plain connection, bare NATS', bare.flat()),
      lastBare,
    ],
    ratioToBare,
    targets: targetsOf(verifiers, lastAfterAnswer.distribution.p99, ratioToBare),
    confirmed: {
      took: distributionOf(confirmed.map(({ tookMs }) => tookMs)),
      slowest: distributionOf(confirmed.map(({ receipts }) => receipts.slowestMs ?? Infinity)),
      complete: confirmed.filter(({ receipts }) => receipts.applied === verifiers).length,
    },
    missing: result.missing,
  };
}

function targetsOf(verifiers: number, p99: number, ratio: number): Summary['targets'] {
  const target = TARGETS.find(({ upTo }) => verifiers <= upTo);
  if (!target) return [];
  const { upTo, p99Milliseconds } = target;
  return [
    {
      what: `p99 of the last at most ${p99Milliseconds} ms after the answer (${p99.toFixed(1)} ms)`,
      met: p99 <= p99Milliseconds,
    },
    ...(upTo > 10
      ? [
          {
            what: `at most ${TARGET_RATIO} times bare NATS (${ratio.toFixed(2)})`,
            met: ratio <= TARGET_RATIO,
          },
        ]
      : []),
  ];
}

/** As a table that reads well as text and as Markdown. */
export function printFanout(result: FanoutResult, print: (line: string) => void): void {
  const summary = summarise(result);
  const { verifiers, processes, confirmed, missing } = summary;
  const logOuts = result.sinceSent.length;
  const ms = (value: number) => value.toFixed(1).padStart(8);
  print('');
  print(`${verifiers} verifiers in ${processes} processes, ${logOuts} log-outs`);
  print('');
  print(`| ${'milliseconds'.padEnd(50)} |      p50 |      p99 |      max |`);
  print(`| ${'-'.repeat(50)} | -------: | -------: | -------: |`);
  const line = (label: string, { p50, p99, max }: Distribution) =>
    print(`| ${label.padEnd(50)} | ${ms(p50)} | ${ms(p99)} | ${ms(max)} |`);
  for (const { label, distribution } of summary.rows) line(label, distribution);
  line('answer of /logout?confirm, after it was sent', confirmed.took);
  line('its slowestMs, after the commit', confirmed.slowest);
  print('');
  for (const { what, met } of summary.targets) print(`${met ? 'met' : 'NOT met'}: ${what}`);
  print(
    `receipts: ${confirmed.complete} of ${result.confirmed.length} confirmed log-outs heard of all ` +
      `${verifiers} verifiers`,
  );
  if (missing > 0) print(`${missing} verifiers did not refuse within ten seconds`);
}

export function reportOf(results: readonly FanoutResult[]): Readonly<Record<string, unknown>> {
  return { sections: results.map((result) => ({ ...summarise(result), samples: result })) };
}
