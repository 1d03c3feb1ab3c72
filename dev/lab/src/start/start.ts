import { SNAPSHOT_PATH } from '@latchkey/contracts';
import type { LatchkeyStack } from '@latchkey/local-stack';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { startAuthAlone } from '../auth-alone.js';
import { distributionOf } from '../distribution.js';
import { LogOutLoad } from '../durability/log-out-load.js';
import type { Finding, Laboratory } from '../experiment.js';
import type { Started, StartOrder } from './starting-verifier.js';

const ENTRY = fileURLToPath(new URL('./starting-verifier.js', import.meta.url));
const ROUNDS = 5;
const REVOCATIONS = 1_000_000;
const QUICK_REVOCATIONS = 20_000;
const TARGET = { milliseconds: 5_000, bytes: 60e6 };
const MEGABYTE = 1e6;

/** How long a verifier takes to be ready, and how much memory, while very much is revoked. */
export async function start(laboratory: Laboratory): Promise<Finding> {
  const { options, print, onProgress } = laboratory;
  const count = options.quick ? QUICK_REVOCATIONS : REVOCATIONS;
  const stack = await startAuthAlone(laboratory);
  const load = new LogOutLoad(stack.issuer);
  await load.register('ada');
  const alive = await load.logIn('ada');
  const ended = await load.logOut(await load.logIn('ada'));
  onProgress(`recording ${count} revocations`);
  await record(stack, count, ended.sessionId);
  const order: StartOrder = {
    issuer: stack.issuer,
    feed: feedOf(stack),
    revoked: ended.sessionId,
    alive: alive.sessionId,
  };
  const rounds: Started[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    onProgress(`starting a verifier, round ${round} of ${ROUNDS}`);
    rounds.push(await startVerifier(laboratory, order));
  }
  printRounds(rounds, count, print);
  const held = rounds.every(({ right, entries }) => right && entries > count);
  return { held, report: { revocations: count, rounds } };
}

function feedOf(stack: LatchkeyStack): StartOrder['feed'] {
  const { servers, user, pass: password } = stack.natsCredentials('orders');
  const { name: clientId, secret: clientSecret } = stack.client;
  return {
    servers: servers.join(','),
    user,
    password,
    snapshot: { url: stack.issuer + SNAPSHOT_PATH, clientId, clientSecret },
  };
}

/**
 * Log-outs of other sessions, as the record has them once they are on the stream. They are not: to
 * sign a million events takes seven minutes, and a verifier that finds them missing is to start all the same.
 */
async function record(
  { postgres }: LatchkeyStack,
  count: number,
  published: string,
): Promise<void> {
  const client = new Client({ connectionString: postgres.url('auth') });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO revocations (id, kind, trigger, session_id, subject, revoked_at, expires_at,
                                serial, published_at, stream_sequence, signed_by)
       SELECT gen_random_uuid(), kind, trigger, gen_random_uuid()::text, subject, revoked_at,
              expires_at, next_serial + n, published_at, stream_sequence, signed_by
       FROM revocations, revocation_stream, generate_series(0, $2::bigint - 1) AS n
       WHERE session_id = $1`,
      [published, count],
    );
    await client.query('UPDATE revocation_stream SET next_serial = next_serial + $1', [count]);
    await client.query('COMMIT');
    await client.query('ANALYZE revocations');
  } finally {
    await client.end();
  }
}

async function startVerifier({ processes }: Laboratory, order: StartOrder): Promise<Started> {
  const child = processes.spawn(process.execPath, ['--no-warnings', '--expose-gc', ENTRY], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error('the verifier ended');
  });
  child.send(order);
  const answered = once(child, 'message') as Promise<[{ started?: Started; error?: string }]>;
  const [{ started, error }] = await Promise.race([answered, ended]);
  ended.catch(() => undefined); // it is about to be ended
  child.kill('SIGKILL');
  if (!started) throw new Error(error ?? 'the verifier did not start');
  return started;
}

function printRounds(
  rounds: readonly Started[],
  count: number,
  print: (line: string) => void,
): void {
  const median = (pick: (round: Started) => number) => distributionOf(rounds.map(pick)).p50;
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
  const megabytes = (bytes: number) => `${(bytes / MEGABYTE).toFixed(1)} MB`;
  const ready = Math.max(...rounds.map(({ readyMilliseconds }) => readyMilliseconds));
  const peak = median(({ residentPeakBytes }) => residentPeakBytes);
  const growth = median(({ residentGrowthBytes }) => residentGrowthBytes);
  const rows: [string, string][] = [
    ['ready, slowest', seconds(ready)],
    ['ready, median', seconds(median(({ readyMilliseconds }) => readyMilliseconds))],
    ['of it the snapshot', seconds(median(({ snapshotMilliseconds }) => snapshotMilliseconds))],
    ['held by the deny-list', megabytes(median(({ listBytes }) => listBytes))],
    ['resident memory, growth', megabytes(growth)],
    ['resident memory, highest growth meanwhile', megabytes(peak)],
  ];
  print('');
  print(`A verifier starts with ${count} live revocations, medians of ${rounds.length} rounds`);
  print('');
  for (const [label, value] of rows) print(`| ${label.padEnd(44)} | ${value.padStart(9)} |`);
  print('');
  const targets: [string, boolean][] = [
    [`ready in at most ${seconds(TARGET.milliseconds)}`, ready <= TARGET.milliseconds],
    [`resident growth at most ${megabytes(TARGET.bytes)}`, growth <= TARGET.bytes],
  ];
  for (const [target, met] of targets) print(`${met ? 'met' : 'NOT met'}: ${target}`);
}
