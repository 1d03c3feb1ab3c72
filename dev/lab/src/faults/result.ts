import type { Fault, Operation, RouteExposure, Verdict, Violation } from '@latchkey/testing';
import type { Finding } from '../experiment.js';
import type { Setting } from './setting.js';
import type { TrialResult } from './trial.js';

const VIOLATIONS_SHOWN = 20;

export function printResult(
  { verdict, client, faults, rounds, fallen, stuck }: TrialResult,
  { bounds }: Setting,
  print: (line: string) => void,
): void {
  print(`\n${rounds} rounds, ${faults.length} faults`);
  for (const [operation, answers] of Object.entries(counted(client.operations)))
    print(`${operation.padEnd(8)} ${listed(answers)}`);
  print(`log-ins that failed: ${client.failures['log-in']}`);
  print(
    `log-outs answered: ${verdict.loggedOut}, seen refused by every verifier afterwards: ` +
      String(verdict.seenRefusedEverywhere),
  );
  const { accept, refuse } = verdict.exposure;
  const line = (route: string, { connected, broken }: RouteExposure) =>
    `  ${route.padEnd(7)} nothing broken ${Math.round(connected)} ms, under faults ${Math.round(broken)} ms`;
  print('worst exposure (from the answer of a log-out to the start of a call that was accepted):');
  print(`${line('refuse', refuse)} (bound ${bounds.refuse} ms)`);
  print(line('accept', accept));
  for (const name of fallen) print(`${name} ended by itself`);
  for (const name of stuck) print(`${name} did not become ready again`);
  printViolations(verdict.violations, print);
  if (verdict.violations.length > 0) printTimes(faults, print);
}

function printViolations(violations: readonly Violation[], print: (line: string) => void): void {
  print(`violations: ${violations.length}`);
  for (const { kind, explanation, operation } of violations.slice(0, VIOLATIONS_SHOWN))
    print(`  ${kind} at ${seconds(operation.startedAt)}: ${explanation}`);
  if (violations.length > VIOLATIONS_SHOWN)
    print(`  … and ${violations.length - VIOLATIONS_SHOWN} more (--json has all)`);
}

/** So that a violation can be laid beside what was broken before it. */
function printTimes(faults: readonly Fault[], print: (line: string) => void): void {
  print('what was broken:');
  for (const { name, startedAt, endedAt } of faults)
    print(`  from ${seconds(startedAt)} to ${seconds(endedAt)}: ${name}`);
}

const seconds = (time: number) => `${(time / 1000).toFixed(2)} s`;

export function findingOf(result: TrialResult, setting: Setting): Finding {
  const { verdict, client, faults, rounds, fallen, stuck } = result;
  const violated = new Set(verdict.violations.map(({ operation }) => operation.session));
  return {
    held: held(verdict) && fallen.length === 0 && stuck.length === 0,
    report: {
      seed: setting.seed,
      setting,
      rounds,
      operations: { ...counted(client.operations), failedLogIns: client.failures['log-in'] },
      faults,
      fallen,
      stuck,
      ...verdict,
      // So that each violation can be retraced.
      sessionsViolated: client.operations.filter(({ session }) => violated.has(session)),
    },
  };
}

/** With no log-out there was nothing to be broken. */
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
