import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startTimeOf } from '../local-stack/reaper/process-identity.mjs';

/** Commands that take longer than this report that they are still running. */
const PROGRESS_AFTER_MILLISECONDS = 2_000;
const PROGRESS_EVERY_MILLISECONDS = 10_000;

const REAPER = fileURLToPath(new URL('../local-stack/reaper/reaper.mjs', import.meta.url));
const GRACE_MILLISECONDS = 2_000;

/** @type {import('node:child_process').ChildProcess | undefined} */
let reaper;

/**
 * The reaper ends our commands when this process has ended, even by SIGKILL: its standard input is a pipe that
 * only this process holds.
 */
function theReaper() {
  if (reaper) return reaper;
  reaper = spawn(process.execPath, [REAPER, String(GRACE_MILLISECONDS)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  reaper.stdin?.on('error', () => undefined); // the reaper has died; the commands continue without it
  reaper.unref();
  /** @type {import('node:net').Socket} */ (reaper.stdin).unref();
  return reaper;
}

/** The reaper outlives this process, so its pid keeps a lock taken until it has ended our commands. */
export const reaperPid = () => theReaper().pid;

/**
 * Runs a command in its own process group and captures its output.
 *
 * @param {string | (() => string)} title names the work in the progress line
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void, signal?: AbortSignal }} options
 *   `signal` ends the command with SIGTERM
 * @returns {Promise<{ code: number, output: string, seconds: number }>}
 */
export function runCommand(title, command, args, { cwd, env = process.env, onLine, signal }) {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  theReaper(); // Starts before the command, which would otherwise run unwatched for a while.
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    const forget = endWithUs(child.pid);
    const stopProgress = progress(title, seconds);
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stderr.setEncoding('utf8');
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    if (onLine) createInterface({ input: child.stdout }).on('line', onLine);
    child.once('error', (error) => (output += `${command}: ${error.message}\n`));
    child.once('close', (code) => {
      stopProgress();
      forget();
      resolve({ code: code !== null && code >= 0 ? code : 1, output, seconds: seconds() });
    });
  });
}

/**
 * Ends a process group when this process has ended.
 *
 * @param {number | undefined} pid the leader of the group; undefined if it could not be started
 * @returns a function to call when the group has ended by itself
 */
export function endWithUs(pid) {
  const startTime = pid === undefined ? undefined : startTimeOf(pid);
  if (startTime === undefined) return () => undefined;
  const send = (/** @type {object} */ message) =>
    theReaper().stdin?.write(`${JSON.stringify(message)}\n`);
  send({ add: pid, startTime, signal: 'SIGTERM', group: true });
  return () => send({ remove: pid });
}

/**
 * @param {string | (() => string)} title
 * @param {() => number} seconds
 */
function progress(title, seconds) {
  const say = () => {
    console.log(`  … ${typeof title === 'string' ? title : title()} (${seconds().toFixed(0)} s)`);
  };
  let repeat;
  const first = setTimeout(() => {
    say();
    repeat = setInterval(say, PROGRESS_EVERY_MILLISECONDS);
  }, PROGRESS_AFTER_MILLISECONDS);
  return () => {
    clearTimeout(first);
    clearInterval(repeat);
  };
}
