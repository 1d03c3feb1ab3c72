import { buildConsole } from './build-console.mjs';
import { compile } from './compile.mjs';

/**
 * Compiles the projects that have changed since the last build, and builds the console if it has changed.
 *
 * @throws {SetupError}
 */
export async function build() {
  await Promise.all([compile(), buildConsole()]);
}
