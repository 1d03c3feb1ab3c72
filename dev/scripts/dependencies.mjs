import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';
import { runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const LOCKFILE = join(CHECKOUT, 'package-lock.json');
/** What npm itself writes down about the packages that it has installed. */
const INSTALLED = join(CHECKOUT, 'node_modules', '.package-lock.json');

/** Installs exactly what package-lock.json says, if that is not there yet. @throws {SetupError} */
export async function installDependencies() {
  if (isInstalled(LOCKFILE, INSTALLED)) return;
  console.log('Installing dependencies (npm ci) …');
  const [command, ...args] = npm();
  const { code, output, seconds } = await runCommand(
    'npm ci',
    command,
    [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: CHECKOUT, env: npmEnvironment() },
  );
  if (code !== 0) {
    throw new SetupError(`npm ci failed:\n${output}\nIs the npm registry reachable from here?`);
  }
  touchStamp();
  console.log(`  dependencies installed in ${seconds.toFixed(1)} s`);
}

const STAMP = join(CHECKOUT, 'node_modules', '.latchkey-platform');
const platform = () => `${process.platform} ${process.arch}`;
const touchStamp = () => writeFileSync(STAMP, platform());

/**
 * Whether every package of the lockfile is installed in its version. Optional ones may be missing:
 * most are binaries of other platforms. That is why a tree from another platform does not count.
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
      !path.includes('node_modules/') || // the projects themselves
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
    return {}; // an installation that was broken off
  }
}

/** The npm that runs us; without a shell in between, so that a signal ends npm itself. */
function npm() {
  const { npm_execpath: path = '' } = process.env;
  return basename(path) === 'npm-cli.js' ? [process.execPath, path] : ['npm'];
}

/** npm hands its settings on as variables; `--omit=dev` there must not reach `npm ci`. */
function npmEnvironment() {
  const { NODE_ENV: _, npm_config_omit: __, npm_config_production: ___, ...kept } = process.env;
  return kept;
}
