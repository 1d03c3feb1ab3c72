#!/usr/bin/env node
/** `node dev/scripts/build-console.mjs` builds the pages of apps/console, unless they are up to date. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT } from './checkout.mjs';
import { filesIn } from './files-in.mjs';
import { runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const VITE = join(CHECKOUT, 'node_modules', 'vite', 'bin', 'vite.js');
const BUILT = join(CHECKOUT, 'apps', 'console', 'dist');
/** Lies among the built files, so that both are always of the same build. No server sends a file with this name. */
const STAMP = join(BUILT, '.built-from');
/** What the build reads: the page, the libraries whose sources it contains, and their packages. */
const INPUTS = ['apps/console', 'libs/inspector', 'libs/contracts', 'libs/browser'];
const FURTHER_INPUTS = ['package-lock.json', 'tsconfig.base.json'];
const NOT_READ = /(^|\/)(?:dist|node_modules|test)(?:\/|$)|\.spec\.tsx?$|\.md$/;

/**
 * Builds the console if its sources differ from those of the last build.
 *
 * @throws {SetupError}
 */
export async function buildConsole() {
  const wanted = hashOfInputs();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  const { code, output } = await runCommand(
    'building the console',
    process.execPath,
    [VITE, 'build', '--logLevel', 'warn', join('apps', 'console')],
    { cwd: CHECKOUT },
  );
  if (code !== 0) throw new SetupError(`The console cannot be built:\n${output}`);
  writeFileSync(STAMP, wanted);
}

function hashOfInputs() {
  const hash = createHash('sha256');
  for (const path of [...INPUTS.flatMap(inputsIn), ...FURTHER_INPUTS])
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(CHECKOUT, path)))
      .update('\0');
  return hash.digest('hex');
}

/** @param {string} folder @returns {string[]} relative to the checkout */
const inputsIn = (folder) =>
  filesIn(join(CHECKOUT, folder))
    .map((file) => join(folder, file))
    .filter((path) => !NOT_READ.test(path));

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await buildConsole();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
