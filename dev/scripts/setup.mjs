/**
 * The commands of package.json run this set-up first. The modules imported here use Node's own modules only,
 * because they run before any dependency is installed.
 */
import { alone } from './alone.mjs';
import { build } from './build.mjs';
import { installDependencies } from './dependencies.mjs';
import { SetupError } from './setup-error.mjs';
import { EXIT_CODES } from './signals.mjs';

const MINIMUM_NODE = [20, 19];

/** @throws {SetupError} if Node.js is too old */
export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = MINIMUM_NODE;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupError(
    `Latchkey needs Node.js ${MINIMUM_NODE.join('.')} or newer; this is ${version}.\n` +
      'Install a current version from https://nodejs.org, then run the same command again.',
  );
}

/** Installs missing and outdated dependencies. @throws {SetupError} */
export async function setUpDependencies() {
  checkNode();
  await alone(installDependencies);
}

/**
 * Prepares a command that continues in this process: installs the dependencies and compiles the code. If either
 * fails, it prints the reason and exits with 1. A task of Nx already has both.
 *
 * @returns a function that removes the signal handlers, which end the process until then
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

/** Lets signals end the set-up, and with it the commands that it runs. @returns a function that removes the handlers */
export function endOnSignals() {
  for (const [signal, code] of Object.entries(EXIT_CODES)) {
    process.on(signal, () => process.exit(code));
  }
  return () => Object.keys(EXIT_CODES).forEach((signal) => process.removeAllListeners(signal));
}
