import {
  acquireRunLock,
  AlreadyRunningError,
  AuthClient,
  AuthPortTakenError,
  forgetData,
  LatchkeyStack,
  ProcessGroup,
  NamedServerError,
  ProgramMissingError,
  ProcessStartError,
  resolveStateDirectory,
  SERVICE_NAMES,
  type Account,
} from '@latchkey/local-stack';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closingLines } from './closing-lines.js';
import { colours } from './config.js';
import { CookieSteps } from './cookie-steps.js';
import { DemoReport } from './demo-report.js';
import { registerDemoUsers } from './demo-users.js';
import { TokenSteps } from './token-steps.js';

export interface DemoOptions {
  readonly checkout: string;
  /** Ends after the last step. */
  readonly exit?: boolean | undefined;
  /** Deletes the data of earlier starts first. */
  readonly fresh?: boolean | undefined;
  /** The file to write the steps to, as JSON. */
  readonly json?: string | undefined;
}

/** How long a key is published before it signs. The default of a minute is too long to watch. */
const PUBLISH_AHEAD_SECONDS = 4;

const INTERRUPTED_STATUS = 130;

const STOPPED =
  'Everything has stopped. The next npm start finds the data again; npm start -- --fresh deletes it.';

/**
 * Starts a stack, runs the steps, and keeps the stack running until a signal arrives.
 * @returns the exit status
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const processes = new ProcessGroup();
  let isInterrupted = false;
  const interrupted = interruption().then(() => void (isInterrupted = true));
  try {
    return await Promise.race([
      startAndShow(options, processes, interrupted),
      interrupted.then(() => INTERRUPTED_STATUS),
    ]);
  } catch (error) {
    console.error(`\n${explain(error)}`);
    if (error instanceof ProcessStartError)
      console.error(`The logs are in ${resolveStateDirectory(options.checkout)}`);
    return 1;
  } finally {
    // Also ends what an interrupted start has left behind.
    await processes.close();
    if (isInterrupted) console.log(STOPPED);
  }
}

async function startAndShow(
  options: DemoOptions,
  processes: ProcessGroup,
  interrupted: Promise<void>,
): Promise<number> {
  const startedAt = performance.now();
  const stateDirectory = resolveStateDirectory(options.checkout);
  await acquireRunLock(stateDirectory, processes);
  if (options.fresh) await forgetData(stateDirectory);
  console.log(`Starting Postgres, NATS, Redis, auth, ${SERVICE_NAMES.join(', ')} …`);
  const stack = await LatchkeyStack.start({
    processes,
    stateDirectory,
    publishAheadSeconds: PUBLISH_AHEAD_SECONDS,
    sessionStore: 'redis-else-postgres',
    env: { auth: { CONSOLE_DIRECTORY: join(options.checkout, 'apps', 'console', 'dist') } },
    onProgress: (message) => console.log(`  ${message}`),
  });
  const startSeconds = Math.round(performance.now() - startedAt) / 1000;
  console.log(`  ready after ${startSeconds.toFixed(1)} s`);
  const auth = new AuthClient(stack.issuer);
  const users = await registerDemoUsers(auth, stateDirectory);
  const report = await show(stack, auth, users);
  if (options.json !== undefined) writeJson(options.json, report, stack, startSeconds);
  if (!report.held)
    console.error(`\nSome steps did not hold. The logs are in ${stack.logDirectory}`);
  if (!options.exit) {
    for (const line of closingLines(stack, users, stateDirectory)) console.log(line);
    await interrupted;
  }
  return report.held ? 0 : 1;
}

/** Resolves at the first Ctrl-C, SIGTERM or SIGHUP. Later signals are ignored. */
function interruption(): Promise<void> {
  return new Promise((resolve) => {
    let told = false;
    const end = () => {
      if (!told) console.log('\nStopping everything …');
      told = true;
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  });
}

async function show(
  stack: LatchkeyStack,
  auth: AuthClient,
  [first, second, third]: readonly [Account, Account, Account],
): Promise<DemoReport> {
  const report = new DemoReport((line) => console.log(line), colours());
  const steps = new TokenSteps(stack, auth, first, second, PUBLISH_AHEAD_SECONDS);
  const cookies = new CookieSteps(stack, auth, third);
  console.log();
  await report.step(`${first.username} and ${second.username} log in`, () => steps.logInBoth());
  await report.step('each service verifies locally', () => steps.verifyEverywhere());
  await report.step(`${first.username} places an order`, () => steps.placeOrder());
  await report.step('orders exchanges her token', () => steps.showChain());
  await report.step(`${first.username} logs out`, () => steps.logOut());
  await report.step(`${second.username} stays logged in`, () => steps.secondUserUnaffected());
  await report.step(`${third.username} logs in with a cookie`, () => cookies.logIn());
  await report.step(`${third.username} logs out`, () => cookies.logOut());
  await report.step('auth stops', () => steps.stopAuth());
  await report.step('auth starts again', () => steps.startAuth());
  await report.step('the signing key is rotated', () => steps.rotateKey());
  return report;
}

function writeJson(
  file: string,
  { steps, held }: DemoReport,
  { nats, sessionStore }: LatchkeyStack,
  startSeconds: number,
): void {
  const versions = {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    nats: nats.server?.version ?? 'of NATS_URL',
    ...(sessionStore?.kind === 'redis' && {
      redis: sessionStore.server?.version ?? 'of REDIS_URL',
    }),
  };
  writeFileSync(file, `${JSON.stringify({ held, startSeconds, versions, steps }, null, 2)}\n`);
}

/** Omits the stack trace of errors whose message tells the user what to do. */
function explain(error: unknown): string {
  const isExplained =
    error instanceof AlreadyRunningError ||
    error instanceof AuthPortTakenError ||
    error instanceof NamedServerError ||
    error instanceof ProgramMissingError ||
    error instanceof ProcessStartError;
  if (isExplained) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
