import { z } from 'zod';
import type { Finding } from '../experiment.js';
import type { Verdict, Violation } from '../history/check-history.js';
import type { Fault, Operation } from '../history/history.js';
import type { StaleReadWindow } from '../history/stale-reads.js';
import { byName, list } from '../report-schema.js';
import type { TestOptions } from './test-options.js';
import type { TestRunResult } from './test-run.js';

const timed = { startedAt: z.number(), endedAt: z.number() };
/** An operation or a fault of the history, whose types are those of the checker. */
const recorded = <T extends Operation | Fault>() => z.looseObject(timed) as unknown as z.ZodType<T>;

const windowSchema = z.object({ connected: z.number(), broken: z.number() });
const violationSchema = z.looseObject({
  kind: z.string(),
  operation: recorded<Operation>(),
  explanation: z.string(),
}) as unknown as z.ZodType<Violation>;

export const faultsSchema = z.object({
  seed: z.number(),
  options: z.custom<TestOptions>((value) => typeof value === 'object' && value !== null),
  rounds: z.number(),
  /** The number of operations by type and answer. */
  operations: byName(z.union([byName(z.number()), z.number()])),
  faults: list(recorded<Fault>()),
  /** Services that ended although the nemesis did not kill them. */
  crashed: list(z.string()),
  /** Processes that did not become ready again. */
  stuck: list(z.string()),
  violations: list(violationSchema),
  /** The longest stale reads in milliseconds. */
  staleReads: z.object({ accept: windowSchema, refuse: windowSchema }),
  loggedOut: z.number(),
  seenRefusedEverywhere: z.number(),
  /** All operations of sessions with a violation, so that it can be retraced. */
  sessionsViolated: list(recorded<Operation>()),
});
export type FaultsReport = z.infer<typeof faultsSchema>;

const VIOLATIONS_SHOWN = 20;

export function printResult(
  { verdict, client, faults, rounds, crashed, stuck }: TestRunResult,
  { bounds }: TestOptions,
  print: (line: string) => void,
): void {
  print(`\n${rounds} rounds, ${faults.length} faults`);
  for (const [operation, answers] of Object.entries(counted(client.operations)))
    print(`${operation.padEnd(8)} ${listed(answers)}`);
  print(`failed log-ins: ${client.failures['log-in']}`);
  print(
    `log-outs answered: ${verdict.loggedOut}, seen refused by every verifier afterwards: ` +
      String(verdict.seenRefusedEverywhere),
  );
  const { accept, refuse } = verdict.staleReads;
  const line = (route: string, { connected, broken }: StaleReadWindow) =>
    `  ${route.padEnd(7)} healthy ${Math.round(connected)} ms, with faults ${Math.round(broken)} ms`;
  print(
    'longest stale reads (from the answer of a log-out to the start of a call that was accepted):',
  );
  print(`${line('refuse', refuse)} (bound ${bounds.refuse} ms)`);
  print(line('accept', accept));
  for (const name of crashed) print(`${name} ended by itself`);
  for (const name of stuck) print(`${name} did not become ready again`);
  printViolations(verdict.violations, print);
  if (verdict.violations.length > 0) printTimes(faults, print);
}

function printViolations(violations: readonly Violation[], print: (line: string) => void): void {
  print(`violations: ${violations.length}`);
  for (const { kind, explanation, operation } of violations.slice(0, VIOLATIONS_SHOWN))
    print(`  ${kind} at ${seconds(operation.startedAt)}: ${explanation}`);
  if (violations.length > VIOLATIONS_SHOWN)
    print(`  … and ${violations.length - VIOLATIONS_SHOWN} more (--json writes all)`);
}

/** Prints the times of the faults, for comparison with those of violations. */
function printTimes(faults: readonly Fault[], print: (line: string) => void): void {
  print('faults:');
  for (const { name, startedAt, endedAt } of faults)
    print(`  from ${seconds(startedAt)} to ${seconds(endedAt)}: ${name}`);
}

const seconds = (time: number) => `${(time / 1000).toFixed(2)} s`;

export function findingOf(result: TestRunResult, testOptions: TestOptions): Finding<FaultsReport> {
  const { verdict, client, faults, rounds, crashed, stuck } = result;
  const violated = new Set(verdict.violations.map(({ operation }) => operation.session));
  return {
    held: held(verdict) && crashed.length === 0 && stuck.length === 0,
    report: {
      seed: testOptions.seed,
      options: testOptions,
      rounds,
      operations: { ...counted(client.operations), failedLogIns: client.failures['log-in'] },
      faults,
      crashed,
      stuck,
      ...verdict,
      sessionsViolated: client.operations.filter(({ session }) => violated.has(session)),
    },
  };
}

/** A run without log-outs has tested nothing. */
const held = ({ violations, loggedOut }: Verdict) => violations.length === 0 && loggedOut > 0;

type Counts = Record<string, number>;

function counted(operations: readonly Operation[]): Record<string, Counts> {
  const counts: Record<string, Counts> = {};
  for (const operation of operations) {
    const own = (counts[operation.type] ??= {});
    const answer = operation.type === 'log-in' ? 'accepted' : operation.answer;
    own[answer] = (own[answer] ?? 0) + 1;
  }
  return counts;
}

const listed = (counts: Counts) =>
  Object.entries(counts)
    .map(([answer, count]) => `${count} ${answer}`)
    .join(', ');
