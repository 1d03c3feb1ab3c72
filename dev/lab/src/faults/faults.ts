import type { LatchkeyStack } from '@latchkey/local-stack';
import { randomInt } from 'node:crypto';
import type { Finding, Laboratory } from '../experiment.js';
import { findingOf, printResult } from './result.js';
import { Schedule, type Round } from './schedule.js';
import { settingOf, type Setting } from './setting.js';
import { SystemUnderTest } from './system-under-test.js';
import { Trial } from './trial.js';
import { witnessesOf } from './witness.js';

const DEFAULT_MINUTES = 5;
const QUICK_ROUNDS = 2;
const MOST_SEED = 2 ** 32 - 1;

/** Users log in, refresh, call and log out while everything is broken; a history checker judges. */
export async function faults(laboratory: Laboratory): Promise<Finding> {
  const { options, processes, onProgress, print } = laboratory;
  const seed = options.seed ?? randomInt(MOST_SEED);
  print(`seed ${seed}: --seed ${seed} plays the same schedule`);
  const setting = settingOf(options, seed);
  for (const [verifier, route] of Object.entries(setting.routes))
    print(`${verifier} ${route === 'refuse' ? 'refuses' : 'accepts'} while it is stale`);
  const system = await SystemUnderTest.start({ ...setting, processes, onProgress });
  try {
    return await play(laboratory, setting, system, scheduledRounds(laboratory, setting));
  } finally {
    await system.close();
  }
}

/** Plays these rounds on a stack that runs, and tells what came of it. */
export async function play(
  laboratory: Laboratory,
  setting: Setting,
  system: SystemUnderTest,
  rounds: Iterator<Round, undefined>,
): Promise<Finding> {
  const keyId = await currentKeyId(system.stack);
  const result = await new Trial(laboratory, setting, system, keyId).run(rounds);
  printResult(result, setting, laboratory.print);
  const { violations } = result.verdict;
  witnessesOf(violations, system.stack.logDirectory).forEach((line) => laboratory.print(line));
  return findingOf(result, setting);
}

/** What the seed stands for, for as long as the options say. */
export function scheduledRounds(
  laboratory: Laboratory,
  { seed, pace }: Setting,
): Iterator<Round, undefined> {
  return roundsWhile(new Schedule(seed, pace), whileThereIsTime(laboratory));
}

function* roundsWhile(schedule: Schedule, goOn: () => boolean): Generator<Round, undefined> {
  while (goOn()) yield schedule.nextRound();
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
  if (!key) throw new Error('the auth service publishes no key');
  return key.kid;
}
