import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';
import { runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const LOCKFILE = join(CHECKOUT, 'package-lock.json');
/** npm records here which packages it has installed. */
const INSTALLED = join(CHECKOUT, 'node_modules', '.package-lock.json');

/** Installs exactly the packages of package-lock.json, unless they are installed. @throws {SetupError} */
export async function installDependencies() {
  if (isInstalled(LOCKFILE, INSTALLED)) return;
  console.log('Installing dependencies (npm ci) …');
  const { seconds } = await runNpm('ci');
  touchStamp();
  console.log(`  dependencies installed in ${seconds.toFixed(1)} s`);
}

/** Adds a new project to package-lock.json and links it, without other changes. @throws {SetupError} */
export async function installWorkspace() {
  await runNpm('install', '--prefer-offline');
}

/**
 * @param {string[]} wanted the command and its options
 * @throws {SetupError}
 */
async function runNpm(...wanted) {
  const [command, ...args] = npm();
  const title = `npm ${wanted[0]}`;
  const { code, output, seconds } = await runCommand(
    title,
    command,
    [...args, ...wanted, '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: CHECKOUT, env: npmEnvironment() },
  );
  if (code !== 0) {
    throw new SetupError(`${title} failed:\n${output}\nIs the npm registry reachable from here?`);
  }
  return { seconds };
}

const STAMP = join(CHECKOUT, 'node_modules', '.latchkey-platform');
const platform = () => `${process.platform} ${process.arch}`;
const touchStamp = () => writeFileSync(STAMP, platform());

/**
 * Returns whether every package of the lockfile is installed in its version. Optional packages may be missing,
 * because most are binaries of other platforms. A tree from another platform therefore does not count.
 *
 * @param {string} lockfile
 * @param {string} installed
 */
export function isInstalled(lockfile, installed) {
  if (!existsSync(installed)) return false;
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') !== platform()) return false;
  const wanted = packagesOf(lockfile);
  const found = packagesOf(installed);
  return Object.entries(wanted).every(
    ([path, { version, link, optional }]) =>
      !path.includes('node_modules/') || // a project of this repository
      (found[path] ? link || found[path].version === version : optional),
  );
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, link?: boolean, optional?: boolean }>}
 */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch (error) {
    if (file === LOCKFILE) throw error;
    return {}; // the installation was interrupted
  }
}

/** Finds the npm that runs this script. It starts without a shell, so that a signal ends npm itself. */
function npm() {
  const { npm_execpath: path = '' } = process.env;
  return basename(path) === 'npm-cli.js' ? [process.execPath, path] : ['npm'];
}

/** npm passes its settings on as variables, and `--omit=dev` among them must not reach `npm ci`. */
function npmEnvironment() {
  const { NODE_ENV: _, npm_config_omit: __, npm_config_production: ___, ...kept } = process.env;
  return kept;
}
