import {
  acquireRunLock,
  AuthClient,
  forgetData,
  LatchkeyStack,
  ProcessGroup,
  ProcessStartError,
  resolveStateDirectory,
  SERVICE_NAMES,
} from '@latchkey/local-stack';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BreakStep } from './break-step.js';
import { closingLines } from './closing-lines.js';
import { colours } from './config.js';
import { DemoReport } from './demo-report.js';
import { demoUsers, registerDemoUsers } from './demo-users.js';
import { explain, partToBreak } from './explained-errors.js';
import { LiveControl } from './live-control.js';
import { PUBLISH_AHEAD_SECONDS, tour } from './tour.js';
import { whenStaleEnvironment } from './when-stale.js';

export interface DemoOptions {
  readonly checkout: string;
  /** Ends after the last step. */
  readonly exit?: boolean | undefined;
  /** Deletes the data of earlier starts first. */
  readonly fresh?: boolean | undefined;
  /** The file to write the steps to, as JSON. */
  readonly json?: string | undefined;
  /** A part to break after the steps, for a while. */
  readonly break?: string | undefined;
}

const INTERRUPTED_STATUS = 130;

const STOPPED =
  'Everything has stopped. The next npm start finds the data again; npm start -- --fresh deletes it.';

/**
 * Starts a stack, runs the steps, and keeps the stack running until a signal arrives.
 * @returns the exit status
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const processes = new ProcessGroup();
  const control = new LiveControl(options.checkout);
  let isInterrupted = false;
  const interrupted = interruption().then(() => void (isInterrupted = true));
  try {
    return await Promise.race([
      startAndShow(options, { processes, control, interrupted }),
      interrupted.then(() => INTERRUPTED_STATUS),
    ]);
  } catch (error) {
    console.error(`\n${explain(error)}`);
    if (error instanceof ProcessStartError)
      console.error(`The logs are in ${resolveStateDirectory(options.checkout)}`);
    return 1;
  } finally {
    await control.close();
    // Also ends what an interrupted start has left behind.
    await processes.close();
    if (isInterrupted) console.log(STOPPED);
  }
}

/** What lives as long as the demo. */
interface Run {
  readonly processes: ProcessGroup;
  readonly control: LiveControl;
  readonly interrupted: Promise<void>;
}

async function startAndShow(options: DemoOptions, run: Run): Promise<number> {
  const { processes, control, interrupted } = run;
  const part = partToBreak(options.break);
  const startedAt = performance.now();
  const stateDirectory = resolveStateDirectory(options.checkout);
  await acquireRunLock(stateDirectory, processes);
  if (options.fresh) await forgetData(stateDirectory);
  console.log(`Starting Postgres, NATS, Redis, auth, ${SERVICE_NAMES.join(', ')} …`);
  const users = demoUsers(stateDirectory);
  let liveUrl = '';
  const stack = await LatchkeyStack.start({
    ...stackOptions(options.checkout),
    ...{ processes, stateDirectory, route: control.proxies.route },
    onAuthReady: async (starting) => {
      liveUrl = await control.start(starting, users);
      await registerDemoUsers(new AuthClient(starting.issuer), users);
      console.log(`\nWatch it in a browser: ${liveUrl}\n`);
    },
    onProgress: (message) => console.log(`  ${message}`),
  });
  const startSeconds = Math.round(performance.now() - startedAt) / 1000;
  console.log(`  ready after ${startSeconds.toFixed(1)} s\n`);
  const report = new DemoReport((line) => console.log(line), colours());
  const auth = new AuthClient(stack.issuer);
  await tour(report, stack, auth, users);
  if (part !== undefined) {
    const step = new BreakStep(stack, auth, control.faults, users[1], (line) =>
      console.log(line === '' ? line : `      ${line}`),
    );
    await report.step(`${part} breaks, and heals`, () => step.show(part));
  }
  control.endTour();
  if (options.json !== undefined) writeJson(options.json, report, stack, startSeconds);
  if (!report.held)
    console.error(`\nSome steps did not hold. The logs are in ${stack.logDirectory}`);
  if (!options.exit) {
    for (const line of closingLines(stack, users, stateDirectory, liveUrl)) console.log(line);
    await interrupted;
  }
  return report.held ? 0 : 1;
}

const stackOptions = (checkout: string) => ({
  publishAheadSeconds: PUBLISH_AHEAD_SECONDS,
  sessionStore: 'redis-else-postgres' as const,
  env: {
    all: { LIVE_EVENTS: 'true' },
    auth: { CONSOLE_DIRECTORY: join(checkout, 'apps', 'console', 'dist') },
    ...whenStaleEnvironment(SERVICE_NAMES),
  },
});

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
