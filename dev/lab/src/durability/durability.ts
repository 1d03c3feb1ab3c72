import { formatTextTable } from '@latchkey/load-generator';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { startAuthOnlyStack } from '../auth-only-stack.js';
import type { Finding, Laboratory } from '../experiment.js';
import { Random } from '../random.js';
import { list } from '../report-schema.js';
import { audit, type Audit } from './audit.js';
import { CrashNemesis } from './crash-nemesis.js';
import { LogOutClient } from './log-out-client.js';

export const durabilitySchema = z.object({
  seed: z.number(),
  kills: z.object({ nats: z.number(), postgres: z.number(), auth: z.number() }),
  logOuts: z.object({
    sent: z.number(),
    answered204: z.number(),
    answered202: z.number(),
    unanswered: z.number(),
  }),
  /** Ids of sessions whose log-out was answered and is not in Postgres. */
  missingInTheRecord: list(z.string()),
  /** Ids of sessions whose log-out was answered and that a new verifier accepts. */
  notRefused: list(z.string()),
  /** Ids of sessions that were never logged out and that a new verifier refuses. */
  wronglyRefused: list(z.string()),
});
export type DurabilityReport = z.infer<typeof durabilitySchema>;

const FULL = { killsOfEach: 100, answered: 10_000, users: 8 };
const QUICK = { killsOfEach: 3, answered: 30, users: 4 };
/** Sessions that are never logged out. */
const ALIVE = 20;
const MAX_SEED = 2 ** 32 - 1;

/** Kills NATS, Postgres and auth under a load of log-outs; no answered log-out may be lost. */
export async function durability(laboratory: Laboratory): Promise<Finding<DurabilityReport>> {
  const { options, print } = laboratory;
  const size = options.quick ? QUICK : FULL;
  const seed = options.seed ?? randomInt(MAX_SEED);
  print(`seed ${seed}`);
  const stack = await startAuthOnlyStack(laboratory);
  if (stack.nats.pid === undefined)
    throw new Error(
      'durability kills NATS and Postgres, so it needs servers of its own: unset NATS_URL',
    );
  const client = new LogOutClient(stack.issuer);
  await client.register('bystander');
  const alive = await Promise.all(Array.from({ length: ALIVE }, () => client.logIn('bystander')));
  const nemesis = new CrashNemesis(stack, new Random(seed));
  client.start(size.users);
  await killUnderLoad(laboratory, size, nemesis, client);
  await client.stop();
  laboratory.onProgress('looking for each log-out that was answered');
  const answered = client.loggedOut.filter(({ answer }) => answer !== undefined);
  const found = await audit(stack, answered, alive);
  return conclude(laboratory, { seed, kills: nemesis.kills, client, found });
}

async function killUnderLoad(
  { interrupted, onProgress }: Laboratory,
  size: typeof FULL,
  nemesis: CrashNemesis,
  client: LogOutClient,
): Promise<void> {
  const all = 3 * size.killsOfEach;
  await nemesis.killEach(size.killsOfEach, interrupted, (done) =>
    onProgress(`${done} of ${all} kills, ${client.answered} log-outs answered`),
  );
  while (client.answered < size.answered) {
    interrupted.throwIfAborted();
    onProgress(`${client.answered} of ${size.answered} log-outs answered, without further kills`);
    await delay(500);
  }
}

interface Outcome {
  readonly seed: number;
  readonly kills: CrashNemesis['kills'];
  readonly client: LogOutClient;
  readonly found: Audit;
}

function conclude(
  { print }: Laboratory,
  { seed, kills, client, found }: Outcome,
): Finding<DurabilityReport> {
  const count = (answer: 204 | 202 | undefined) =>
    client.loggedOut.filter((each) => each.answer === answer).length;
  const logOuts = {
    sent: client.loggedOut.length,
    answered204: count(204),
    answered202: count(202),
    unanswered: count(undefined),
  };
  const { missingInTheRecord, notRefused, wronglyRefused } = found;
  print('');
  formatTextTable([
    ['', 'count'],
    ['kills -9 of NATS', String(kills.nats)],
    ['kills -9 of Postgres', String(kills.postgres)],
    ['kills -9 of auth', String(kills.auth)],
    ['log-outs sent', String(logOuts.sent)],
    ['answered 204', String(logOuts.answered204)],
    ['answered 202', String(logOuts.answered202)],
    ['not answered', String(logOuts.unanswered)],
    ['answered, but missing in the record', String(missingInTheRecord.length)],
    ['answered, but not refused by a new verifier', String(notRefused.length)],
    [`refused, but never logged out (of ${ALIVE})`, String(wronglyRefused.length)],
  ]).forEach((line) => print(line));
  const held = [missingInTheRecord, notRefused, wronglyRefused].every(({ length }) => length === 0);
  return { held, report: { seed, kills, logOuts, ...found } };
}
