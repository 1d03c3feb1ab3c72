import type { LatchkeyStack } from '@latchkey/local-stack';
import { randomInt } from 'node:crypto';
import type { Finding, Laboratory } from '../experiment.js';
import { findingOf, printResult, type FaultsReport } from './result.js';
import { FaultGenerator, type Round } from './generator.js';
import { testOptionsOf, type TestOptions } from './test-options.js';
import { SystemUnderTest } from './system-under-test.js';
import { TestRun } from './test-run.js';
import { logExcerpts } from './log-excerpts.js';

const DEFAULT_MINUTES = 5;
const QUICK_ROUNDS = 2;
const MAX_SEED = 2 ** 32 - 1;

/** Runs users and a nemesis at the same time, and checks the history of what the users saw. */
export async function faults(laboratory: Laboratory): Promise<Finding<FaultsReport>> {
  const { options, processes, onProgress, print } = laboratory;
  const seed = options.seed ?? randomInt(MAX_SEED);
  print(`seed ${seed}: --seed ${seed} repeats this schedule`);
  const testOptions = testOptionsOf(options, seed);
  for (const [verifier, route] of Object.entries(testOptions.routes))
    print(`${verifier} ${route === 'refuse' ? 'refuses' : 'accepts'} while it is stale`);
  const system = await SystemUnderTest.start({ ...testOptions, processes, onProgress });
  try {
    return await play(laboratory, testOptions, system, generatedRounds(laboratory, testOptions));
  } finally {
    await system.close();
  }
}

/** Plays rounds on a running stack, and prints the result. */
export async function play(
  laboratory: Laboratory,
  testOptions: TestOptions,
  system: SystemUnderTest,
  rounds: Iterator<Round, undefined>,
): Promise<Finding<FaultsReport>> {
  const keyId = await currentKeyId(system.stack);
  const result = await new TestRun(laboratory, testOptions, system, keyId).run(rounds);
  printResult(result, testOptions, laboratory.print);
  const { violations } = result.verdict;
  logExcerpts(violations, system.stack.logDirectory).forEach((line) => laboratory.print(line));
  return findingOf(result, testOptions);
}

/** The rounds of the seed, for the time that the options say. */
export function generatedRounds(
  laboratory: Laboratory,
  { seed, pace }: TestOptions,
): Iterator<Round, undefined> {
  return roundsWhile(new FaultGenerator(seed, pace), whileThereIsTime(laboratory));
}

function* roundsWhile(
  generator: FaultGenerator,
  continues: () => boolean,
): Generator<Round, undefined> {
  while (continues()) yield generator.nextRound();
}

function whileThereIsTime({ options }: Laboratory): () => boolean {
  let rounds = 0;
  if (options.quick) return () => rounds++ < QUICK_ROUNDS;
  const until = performance.now() + (options.minutes ?? DEFAULT_MINUTES) * 60_000;
  return () => performance.now() < until;
}

async function currentKeyId({ issuer }: LatchkeyStack): Promise<string> {
  const response = await fetch(`${issuer}/.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: { kid: string }[] };
  const [key] = keys;
  if (!key) throw new Error('auth does not publish a key');
  return key.kid;
}
