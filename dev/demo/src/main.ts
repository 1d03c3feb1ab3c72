import {
  acquireRunLock,
  AlreadyRunningError,
  forgetData,
  LatchkeyStack,
  ProcessGroup,
  NamedServerError,
  ProgramMissingError,
  ProcessStartError,
  resolveStateDirectory,
} from '@latchkey/local-stack';
import { writeFileSync } from 'node:fs';
import { closingLines } from './closing-lines.js';
import { colours } from './config.js';
import { CookieSteps } from './cookie-steps.js';
import { seedDemoUsers, type DemoUser } from './demo-users.js';
import { TourReport } from './tour-report.js';
import { TourSteps } from './tour-steps.js';

export interface TourOptions {
  readonly checkout: string;
  readonly exit?: boolean | undefined;
  readonly fresh?: boolean | undefined;
  /** File for the steps as data. */
  readonly json?: string | undefined;
}

/** A new key must be known everywhere before it signs; a minute is too long to watch. */
const PUBLISH_AHEAD_SECONDS = 4;

const INTERRUPTED_STATUS = 130;

/** Brings everything up, shows it, and stays until asked to end. @returns the exit status */
export async function runTour(options: TourOptions): Promise<number> {
  const processes = new ProcessGroup();
  const interrupted = interruption();
  try {
    return await Promise.race([
      tour(options, processes, interrupted),
      interrupted.then(() => INTERRUPTED_STATUS),
    ]);
  } catch (error) {
    console.error(`\n${explain(error)}`);
    if (error instanceof ProcessStartError)
      console.error(`All logs: ${resolveStateDirectory(options.checkout)}`);
    return 1;
  } finally {
    // Whatever was in the middle of starting is on the processes as well.
    await processes.close();
  }
}

async function tour(
  options: TourOptions,
  processes: ProcessGroup,
  interrupted: Promise<void>,
): Promise<number> {
  const startedAt = performance.now();
  const stateDirectory = resolveStateDirectory(options.checkout);
  await acquireRunLock(stateDirectory, processes);
  if (options.fresh) await forgetData(stateDirectory);
  console.log(
    'Starting Postgres, NATS, Redis, auth, orders (two replicas), inventory and payments …',
  );
  const stack = await LatchkeyStack.start({
    processes,
    stateDirectory,
    publishAheadSeconds: PUBLISH_AHEAD_SECONDS,
    sessionStore: 'redis-else-postgres',
    onProgress: (message) => console.log(`  ${message}`),
  });
  const startSeconds = Math.round(performance.now() - startedAt) / 1000;
  console.log(`  everything is ready after ${startSeconds.toFixed(1)} s`);
  const users = await seedDemoUsers(stack.issuer, stateDirectory);
  const report = await show(stack, users);
  if (options.json !== undefined) writeJson(options.json, report, stack, startSeconds);
  if (!report.held) console.error(`\nNot every step held. Logs: ${stack.logDirectory}`);
  if (!options.exit) {
    for (const line of closingLines(stack, users, stateDirectory)) console.log(line);
    await interrupted;
  }
  return report.held ? 0 : 1;
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one changes nothing, the end is under way. */
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
  [first, second, third]: readonly [DemoUser, DemoUser, DemoUser],
): Promise<TourReport> {
  const report = new TourReport((line) => console.log(line), colours());
  const steps = new TourSteps(stack, first, second, PUBLISH_AHEAD_SECONDS);
  const cookies = new CookieSteps(stack, third);
  report.heading('The tour');
  await report.step(`${first.username} and ${second.username} log in`, () => steps.logInBoth());
  await report.step('every service verifies by itself', () => steps.verifyEverywhere());
  await report.step(`${first.username} places an order`, () => steps.placeOrder());
  await report.step(`${first.username} logs out`, () => steps.logOut());
  await report.step(`${second.username} is unaffected`, () => steps.secondUserUnaffected());
  await report.step(`${third.username} logs in with a cookie`, () => cookies.logIn());
  await report.step(`${third.username} logs out`, () => cookies.logOut());
  await report.step('auth is stopped', () => steps.stopAuth());
  await report.step('auth is started again', () => steps.startAuth());
  await report.step('the signing key is rotated', () => steps.rotateKey());
  return report;
}

function writeJson(
  file: string,
  { steps, held }: TourReport,
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

/** What the user can mend needs no stack. */
function explain(error: unknown): string {
  const isExplained =
    error instanceof AlreadyRunningError ||
    error instanceof NamedServerError ||
    error instanceof ProgramMissingError ||
    error instanceof ProcessStartError;
  if (isExplained) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
