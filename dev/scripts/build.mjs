import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';
import { runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const STAMP = join(CHECKOUT, 'node_modules', '.latchkey-built');
const COMPILER = join(CHECKOUT, 'node_modules', 'typescript', 'bin', 'tsc');

/**
 * Compiles what has changed. The compiler needs seconds to find out that nothing has; looking at
 * the files' times takes milliseconds. @throws {SetupError}
 */
export async function build() {
  const wanted = sourceDigest();
  if (isBuilt(wanted)) return;
  console.log('Compiling (tsc -b) …');
  rmSync(STAMP, { force: true });
  const { code, output, seconds } = await runCommand('tsc -b', process.execPath, [COMPILER, '-b'], {
    cwd: CHECKOUT,
  });
  if (code !== 0) throw new SetupError(`The source does not compile:\n${output}`);
  writeFileSync(STAMP, wanted);
  console.log(`  compiled in ${seconds.toFixed(1)} s`);
}

/** @param {string} wanted */
function isBuilt(wanted) {
  const stamped = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted;
  return stamped && projects().every((path) => existsSync(join(path, 'dist', 'build.tsbuildinfo')));
}

const projects = () =>
  ['libs', 'libs/internal', 'apps', 'dev'].flatMap((kind) =>
    readdirSync(join(CHECKOUT, kind), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(CHECKOUT, kind, name))
      .filter((path) => existsSync(join(path, 'tsconfig.build.json'))),
  );

/** Path, size and time of every file that the compiler may read. */
function sourceDigest() {
  const hash = createHash('sha256');
  for (const file of ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json']) {
    addFile(hash, join(CHECKOUT, file));
  }
  for (const project of projects()) addFiles(hash, project);
  return hash.digest('hex');
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} directory
 */
function addFiles(hash, directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) addFiles(hash, path);
    else if (/\.(m?ts|json)$/.test(entry.name)) addFile(hash, path);
  }
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} path
 */
function addFile(hash, path) {
  const { size, mtimeMs } = statSync(path);
  hash.update(`${path} ${size} ${mtimeMs}\n`);
}
