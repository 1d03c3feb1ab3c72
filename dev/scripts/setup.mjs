/**
 * What `npm start` and `npm test` do first. Everything in this folder is plain Node without
 * dependencies, since it runs before there are any.
 */
import { alone } from './alone.mjs';
import { build } from './build.mjs';
import { installDependencies } from './dependencies.mjs';
import { SetupError } from './setup-error.mjs';

const MINIMUM_NODE = [20, 19];

/** @throws {SetupError} on a Node.js that is too old */
export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = MINIMUM_NODE;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupError(
    `Latchkey needs Node.js ${MINIMUM_NODE.join('.')} or newer; this is ${version}.\n` +
      'Install a current one from https://nodejs.org, then run the same command again.',
  );
}

/** Installs what is missing or stale. @throws {SetupError} */
export async function setUpDependencies() {
  checkNode();
  await alone(installDependencies);
}

/**
 * For a command that goes on in this same process: dependencies and compiled code are there after it,
 * or it has said what is missing and ended with 1. A task of Nx has both already.
 *
 * @returns what gives the signals back, which end the process until then
 */
export async function setUp() {
  const stopEnding = endOnSignals();
  if (process.env.NX_TASK_TARGET_PROJECT !== undefined) return stopEnding;
  try {
    await setUpDependencies();
    await alone(build);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
  return stopEnding;
}

/** For signals that end the set-up; what it was running is ended with it. */
export function endOnSignals() {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  for (const [signal, code] of Object.entries(codes)) process.on(signal, () => process.exit(code));
  return () => Object.keys(codes).forEach((signal) => process.removeAllListeners(signal));
}
