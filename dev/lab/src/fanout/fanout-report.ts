import { ReceiptsReply } from '@latchkey/contracts';
import { formatTextTable } from '@latchkey/load-generator';
import { z } from 'zod';
import { distributionOf } from '../distribution.js';
import { absent, distributionSchema, list, type Distribution } from '../report-schema.js';

/** Milliseconds: a list of verifiers for each log-out. */
const timesSchema = list(list(z.number()));

const samplesSchema = z.object({
  verifiers: z.number(),
  processes: z.number(),
  /** From when the log-out was sent. */
  sinceSent: timesSchema,
  /** From when it was answered; negative if the refusal came first. */
  sinceAnswer: timesSchema,
  /** For the plain messages, from when they were sent. */
  bare: timesSchema,
  confirmed: list(z.object({ tookMs: z.number(), receipts: ReceiptsReply })),
  /** Verifiers that did not refuse a token within ten seconds. */
  missing: z.number(),
});
export type FanoutResult = z.infer<typeof samplesSchema>;

const sectionSchema = z.object({
  verifiers: z.number(),
  processes: z.number(),
  rows: list(z.object({ label: z.string(), distribution: distributionSchema })),
  /** p99 of the last verifier divided by p99 of the last plain connection. */
  ratioToBare: z.number(),
  targets: list(z.object({ what: z.string(), met: z.boolean() })),
  confirmed: z.object({
    took: distributionSchema,
    /** Undefined if no log-out was confirmed by any verifier. */
    slowest: absent(distributionSchema),
    complete: z.number(),
  }),
  missing: z.number(),
  samples: samplesSchema,
});
type FanoutSection = z.infer<typeof sectionSchema>;

export const fanoutSchema = z.object({ sections: list(sectionSchema) });
export type FanoutReport = z.infer<typeof fanoutSchema>;

/** For the last verifier, after the answer: `docs/guarantees.md`. */
const TARGETS = [
  { upTo: 10, p99Milliseconds: 10 },
  { upTo: 1_000, p99Milliseconds: 50 },
];
const TARGET_RATIO = 1.5;

const last = (rounds: readonly (readonly number[])[]) => rounds.map((times) => Math.max(...times));

export function reportOf(results: readonly FanoutResult[]): FanoutReport {
  return { sections: results.map(sectionOf) };
}

function sectionOf(samples: FanoutResult): FanoutSection {
  const { verifiers, processes, sinceSent, sinceAnswer, bare, confirmed, missing } = samples;
  const row = (label: string, times: readonly number[]) => ({
    label,
    distribution: distributionOf(times),
  });
  const lastAfterAnswer = row('last verifier refuses, after the answer', last(sinceAnswer));
  const lastBare = row('last plain connection, bare NATS', last(bare));
  const ratioToBare = lastAfterAnswer.distribution.p99 / lastBare.distribution.p99;
  const slowest = confirmed.flatMap(({ receipts }) => receipts.slowestMs ?? []);
  return {
    verifiers,
    processes,
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
      slowest: slowest.length === 0 ? undefined : distributionOf(slowest),
      complete: confirmed.filter(({ receipts }) => receipts.applied === verifiers).length,
    },
    missing,
    samples,
  };
}

function targetsOf(verifiers: number, p99: number, ratio: number): FanoutSection['targets'] {
  const target = TARGETS.find(({ upTo }) => verifiers <= upTo);
  if (!target) return [];
  const { upTo, p99Milliseconds } = target;
  return [
    {
      what: `p99 of the last verifier at most ${p99Milliseconds} ms after the answer (${p99.toFixed(1)} ms)`,
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

export function printFanout(result: FanoutResult, print: (line: string) => void): void {
  const { verifiers, processes, rows, targets, confirmed, missing } = sectionOf(result);
  const cells = (label: string, { p50, p99, max }: Distribution) => [
    label,
    ...[p50, p99, max].map((value) => value.toFixed(1)),
  ];
  print('');
  print(`${verifiers} verifiers in ${processes} processes, ${result.sinceSent.length} log-outs`);
  print('');
  formatTextTable([
    ['milliseconds', 'p50', 'p99', 'max'],
    ...rows.map(({ label, distribution }) => cells(label, distribution)),
    cells('answer of /logout?confirm, after it was sent', confirmed.took),
    ...(confirmed.slowest ? [cells('its slowestMs, after the commit', confirmed.slowest)] : []),
  ]).forEach((line) => print(line));
  print('');
  for (const { what, met } of targets) print(`${met ? 'met' : 'NOT met'}: ${what}`);
  print(
    `receipts: all ${verifiers} verifiers confirmed ${confirmed.complete} of ${result.confirmed.length} log-outs`,
  );
  if (missing > 0) print(`${missing} verifiers did not refuse within ten seconds`);
}
