import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { startAuthAlone } from '../auth-alone.js';
import type { Finding, Laboratory } from '../experiment.js';
import { Random } from '../random.js';
import { audit, type Audit } from './audit.js';
import { Killer } from './killer.js';
import { LogOutLoad } from './log-out-load.js';

const FULL = { killsOfEach: 100, answered: 10_000, users: 8 };
const QUICK = { killsOfEach: 3, answered: 30, users: 4 };
/** Sessions that are never ended. */
const ALIVE = 20;
const MOST_SEED = 2 ** 32 - 1;

/** NATS, Postgres and auth are killed under a load of log-outs: none that was answered may be lost. */
export async function durability(laboratory: Laboratory): Promise<Finding> {
  const { options, print } = laboratory;
  const scale = options.quick ? QUICK : FULL;
  const seed = options.seed ?? randomInt(MOST_SEED);
  print(`seed ${seed}`);
  const stack = await startAuthAlone(laboratory);
  if (stack.nats.pid === undefined)
    throw new Error('durability kills a NATS server and a Postgres of its own: unset NATS_URL');
  const load = new LogOutLoad(stack.issuer);
  await load.register('bystander');
  const alive = await Promise.all(Array.from({ length: ALIVE }, () => load.logIn('bystander')));
  const killer = new Killer(stack, new Random(seed));
  load.start(scale.users);
  await killUnderLoad(laboratory, scale, killer, load);
  await load.stop();
  laboratory.onProgress('looking for each log-out that was answered');
  const answered = load.loggedOut.filter(({ answer }) => answer !== undefined);
  const found = await audit(stack, answered, alive);
  return conclude(laboratory, { seed, kills: killer.kills, load, found });
}

async function killUnderLoad(
  { interrupted, onProgress }: Laboratory,
  scale: typeof FULL,
  killer: Killer,
  load: LogOutLoad,
): Promise<void> {
  const all = 3 * scale.killsOfEach;
  await killer.killEach(scale.killsOfEach, interrupted, (done) =>
    onProgress(`${done} of ${all} kills, ${load.answered} log-outs answered`),
  );
  while (load.answered < scale.answered) {
    interrupted.throwIfAborted();
    onProgress(`${load.answered} of ${scale.answered} log-outs answered, nothing is killed`);
    await delay(500);
  }
}

interface Outcome {
  readonly seed: number;
  readonly kills: Killer['kills'];
  readonly load: LogOutLoad;
  readonly found: Audit;
}

function conclude({ print }: Laboratory, { seed, kills, load, found }: Outcome): Finding {
  const count = (answer: 204 | 202 | undefined) =>
    load.loggedOut.filter((each) => each.answer === answer).length;
  const logOuts = {
    sent: load.loggedOut.length,
    answered204: count(204),
    answered202: count(202),
    unanswered: count(undefined),
  };
  const { missingInTheRecord, notRefused, wronglyRefused } = found;
  const rows: [string, number][] = [
    ['kills -9 of NATS', kills.nats],
    ['kills -9 of Postgres', kills.postgres],
    ['kills -9 of auth', kills.auth],
    ['log-outs sent', logOuts.sent],
    ['answered 204', logOuts.answered204],
    ['answered 202', logOuts.answered202],
    ['not answered', logOuts.unanswered],
    ['answered and missing in the record', missingInTheRecord.length],
    ['answered and not refused by a new verifier', notRefused.length],
    [`refused though never ended (of ${ALIVE})`, wronglyRefused.length],
  ];
  print('');
  for (const [label, value] of rows)
    print(`| ${label.padEnd(44)} | ${String(value).padStart(6)} |`);
  const held = [missingInTheRecord, notRefused, wronglyRefused].every(({ length }) => length === 0);
  return { held, report: { seed, kills, logOuts, ...found } };
}
