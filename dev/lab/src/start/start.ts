import { SNAPSHOT_PATH } from '@latchkey/contracts';
import { formatTextTable, median } from '@latchkey/load-generator';
import type { LatchkeyStack } from '@latchkey/local-stack';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { z } from 'zod';
import { startAuthOnlyStack } from '../auth-only-stack.js';
import { LogOutClient } from '../durability/log-out-client.js';
import type { Finding, Laboratory } from '../experiment.js';
import { list } from '../report-schema.js';
import { startedSchema, type Started, type StartRequest } from './start-messages.js';

export const startSchema = z.object({ revocations: z.number(), rounds: list(startedSchema) });
export type StartReport = z.infer<typeof startSchema>;

const ENTRY = fileURLToPath(new URL('./starting-verifier.js', import.meta.url));
const ROUNDS = 5;
const REVOCATIONS = 1_000_000;
const QUICK_REVOCATIONS = 20_000;
const TARGET = { milliseconds: 5_000, bytes: 60e6 };
const MEGABYTE = 1e6;

/** Measures how long a verifier takes to get ready with a large deny-list, and how much memory it needs. */
export async function start(laboratory: Laboratory): Promise<Finding<StartReport>> {
  const { options, print, onProgress } = laboratory;
  const count = options.quick ? QUICK_REVOCATIONS : REVOCATIONS;
  const stack = await startAuthOnlyStack(laboratory);
  const client = new LogOutClient(stack.issuer);
  await client.register('ada');
  const alive = await client.logIn('ada');
  const ended = await client.logOut(await client.logIn('ada'));
  // The relay refills a stream that lacks the last message of the record; the copies belong to the first.
  await client.logOut(await client.logIn('ada'));
  onProgress(`recording ${count} revocations`);
  await record(stack, count, ended.sessionId);
  const request: StartRequest = {
    issuer: stack.issuer,
    feed: feedOf(stack),
    revoked: ended.sessionId,
    alive: alive.sessionId,
  };
  const rounds: Started[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    onProgress(`starting a verifier, round ${round} of ${ROUNDS}`);
    rounds.push(await startVerifier(laboratory, request));
  }
  printRounds(rounds, count, print);
  const held = rounds.every(({ right, entries }) => right && entries > count);
  return { held, report: { revocations: count, rounds } };
}

function feedOf(stack: LatchkeyStack): StartRequest['feed'] {
  const { servers, user, pass: password } = stack.natsCredentials('orders');
  const { name: clientId, secret } = stack.client;
  const authentication = { clientSecret: secret };
  return {
    servers: servers.join(','),
    user,
    password,
    snapshot: { url: stack.issuer + SNAPSHOT_PATH, clientId, authentication },
  };
}

/**
 * Inserts copies of a published revocation for other sessions. The rows claim to be published and are not:
 * signing a million events takes seven minutes, and a verifier must get ready without them, too.
 */
async function record(
  { postgres }: LatchkeyStack,
  count: number,
  published: string,
): Promise<void> {
  const database = new Client({ connectionString: postgres.url('auth') });
  await database.connect();
  try {
    await database.query('BEGIN');
    await database.query(
      `INSERT INTO revocations (id, kind, trigger, session_id, subject, revoked_at, expires_at,
                                serial, published_at, stream_sequence, signed_by)
       SELECT gen_random_uuid(), kind, trigger, gen_random_uuid()::text, subject, revoked_at,
              expires_at, next_serial + n, published_at, stream_sequence, signed_by
       FROM revocations, revocation_stream, generate_series(0, $2::bigint - 1) AS n
       WHERE session_id = $1`,
      [published, count],
    );
    await database.query('UPDATE revocation_stream SET next_serial = next_serial + $1', [count]);
    await database.query('COMMIT');
    await database.query('ANALYZE revocations');
  } finally {
    await database.end();
  }
}

async function startVerifier({ processes }: Laboratory, request: StartRequest): Promise<Started> {
  const child = processes.spawn(process.execPath, ['--no-warnings', '--expose-gc', ENTRY], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error('the verifier ended');
  });
  child.send(request);
  const answered = once(child, 'message') as Promise<[{ started?: Started; error?: string }]>;
  const [{ started, error }] = await Promise.race([answered, ended]);
  ended.catch(() => undefined); // The kill below ends it.
  child.kill('SIGKILL');
  if (!started) throw new Error(error ?? 'the verifier did not start');
  return started;
}

function printRounds(
  rounds: readonly Started[],
  count: number,
  print: (line: string) => void,
): void {
  const medianOf = (pick: (round: Started) => number) => median(rounds.map(pick));
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
  const megabytes = (bytes: number) => `${(bytes / MEGABYTE).toFixed(1)} MB`;
  const slowest = Math.max(...rounds.map(({ readyMilliseconds }) => readyMilliseconds));
  const growth = medianOf(({ residentGrowthBytes }) => residentGrowthBytes);
  print('');
  formatTextTable([
    [`${count} live revocations, ${rounds.length} rounds`, ''],
    ['ready, slowest round', seconds(slowest)],
    ['ready, median', seconds(medianOf(({ readyMilliseconds }) => readyMilliseconds))],
    ['snapshot, median', seconds(medianOf(({ snapshotMilliseconds }) => snapshotMilliseconds))],
    ['memory of the deny-list, median', megabytes(medianOf(({ listBytes }) => listBytes))],
    ['growth of resident memory, median', megabytes(growth)],
    [
      'peak growth of resident memory, median',
      megabytes(medianOf(({ residentPeakBytes }) => residentPeakBytes)),
    ],
  ]).forEach((line) => print(line));
  print('');
  const targets: [string, boolean][] = [
    [`ready in at most ${seconds(TARGET.milliseconds)}`, slowest <= TARGET.milliseconds],
    [`resident memory grows by at most ${megabytes(TARGET.bytes)}`, growth <= TARGET.bytes],
  ];
  for (const [target, met] of targets) print(`${met ? 'met' : 'NOT met'}: ${target}`);
}
