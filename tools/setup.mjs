/**
 * What `npm start` and `npm test` do first: dependencies and build, if they are missing or stale.
 * Plain Node without dependencies, since it runs before there are any.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runCommand } from './run-command.mjs';

export const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const MINIMUM_NODE = [20, 19];
const LOCK_POLL_MILLISECONDS = 200;

/** Something that the user has to mend; printed without a stack. */
export class SetupError extends Error {}

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

/** Installs and builds what is missing or stale. Two commands at once do it one after the other. */
export async function setUp() {
  checkNode();
  const release = await lockCheckout();
  try {
    await installDependencies();
    await build();
  } finally {
    release();
  }
}

async function installDependencies() {
  const stamp = join(CHECKOUT, 'node_modules', '.latchkey-installed');
  const wanted = manifestDigest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing dependencies (npm ci) …');
  const { code, output, seconds } = await runCommand(
    'npm ci',
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: CHECKOUT, env: npmEnvironment() },
  );
  if (code !== 0) {
    throw new SetupError(`npm ci failed:\n${output}\nIs the npm registry reachable from here?`);
  }
  writeFileSync(stamp, wanted);
  console.log(`  dependencies installed in ${seconds.toFixed(1)} s`);
}

/** npm passes its own settings to scripts as variables; `--omit=dev` there must not reach `npm ci`. */
function npmEnvironment() {
  const { NODE_ENV: _, npm_config_omit: __, npm_config_production: ___, ...kept } = process.env;
  return kept;
}

function manifestDigest() {
  const hash = createHash('sha256').update(
    `${process.version} ${process.platform} ${process.arch}`,
  );
  hash.update(readFileSync(join(CHECKOUT, 'package-lock.json')));
  return hash.digest('hex');
}

async function build() {
  const stamp = join(CHECKOUT, 'node_modules', '.latchkey-built');
  const wanted = sourceDigest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Compiling (tsc -b) …');
  const tsc = join(CHECKOUT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code, output, seconds } = await runCommand('tsc -b', process.execPath, [tsc, '-b'], {
    cwd: CHECKOUT,
  });
  if (code !== 0) throw new SetupError(`The source does not compile:\n${output}`);
  writeFileSync(stamp, wanted);
  console.log(`  compiled in ${seconds.toFixed(1)} s`);
}

/** Path, size and time of every source file, and whether each project's output is there. */
function sourceDigest() {
  const hash = createHash('sha256');
  for (const root of ['libs', 'apps']) {
    for (const project of readdirSync(join(CHECKOUT, root))) {
      const directory = join(CHECKOUT, root, project);
      hash.update(`${project} ${existsSync(join(directory, 'dist', 'build.tsbuildinfo'))}\n`);
      addFiles(hash, directory);
    }
  }
  for (const file of ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json']) {
    addFile(hash, join(CHECKOUT, file));
  }
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
    else if (/\.(ts|json)$/.test(entry.name)) addFile(hash, path);
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

/** A directory is made by one process only; the pid in it tells whether that process still lives. */
async function lockCheckout() {
  const lock = join(CHECKOUT, '.latchkey-setup.lock');
  const owner = join(lock, 'pid');
  for (let waited = false; ; waited = true) {
    try {
      mkdirSync(lock);
      writeFileSync(owner, String(process.pid));
      process.once('exit', () => release(owner, lock));
      return () => release(owner, lock);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    if (isAbandoned(owner, lock)) rmSync(lock, { recursive: true, force: true });
    else if (!waited)
      console.log('Another command is installing or compiling here; waiting for it …');
    await delay(LOCK_POLL_MILLISECONDS);
  }
}

/**
 * @param {string} owner
 * @param {string} lock
 */
function release(owner, lock) {
  if (existsSync(owner) && readFileSync(owner, 'utf8') === String(process.pid)) {
    rmSync(lock, { recursive: true, force: true });
  }
}

/**
 * @param {string} owner
 * @param {string} lock
 */
function isAbandoned(owner, lock) {
  try {
    process.kill(Number(readFileSync(owner, 'utf8')), 0);
    return false;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EPERM') return false;
    if (code === 'ESRCH') return true;
    // No pid in it yet: its maker is about to write it, unless it died in between.
    return existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 5_000;
  }
}
