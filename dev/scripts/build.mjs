import { join } from 'node:path';
import { buildConsole } from './build-console.mjs';
import { CHECKOUT } from './checkout.mjs';
import { runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const COMPILER = join(CHECKOUT, 'node_modules', 'typescript', 'bin', 'tsc');

/**
 * Compiles the projects that have changed since the last build, and builds the console if it has changed. `tsc -b`
 * compiles all of them in one process, in a third of the time that Nx takes to start a process for each.
 *
 * @throws {SetupError}
 */
export async function build() {
  const { code, output, seconds } = await runCommand(
    'compiling',
    process.execPath,
    [COMPILER, '-b'],
    { cwd: CHECKOUT },
  );
  if (code !== 0) throw new SetupError(`The source does not compile:\n${output}`);
  if (seconds > 10) console.log(`  compiled in ${seconds.toFixed(1)} s`);
  await buildConsole();
}
