import { spawn } from 'node:child_process';

/** Longer than this, and a person wants to know that something still happens. */
const PROGRESS_AFTER_MILLISECONDS = 2_000;
const PROGRESS_EVERY_MILLISECONDS = 5_000;

/**
 * Runs a command with its output kept back; shows how long it has been running.
 *
 * @param {string} title what is being done, for the progress line
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, show?: boolean }} options `show`: let output through
 * @returns {Promise<{ code: number, output: string, seconds: number }>}
 */
export function runCommand(title, command, args, { cwd, env = process.env, show = false }) {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    const stopProgress = show ? () => {} : progress(title, seconds);
    const end = () => child.kill('SIGTERM');
    process.once('exit', end);
    child.once('error', (error) => {
      stopProgress();
      reject(error);
    });
    child.once('close', (code, signal) => {
      stopProgress();
      process.off('exit', end);
      resolve({ code: signal ? 1 : (code ?? 1), output, seconds: seconds() });
    });
  });
}

/**
 * @param {string} title
 * @param {() => number} seconds
 */
function progress(title, seconds) {
  const say = () => console.log(`  … ${title} (${seconds().toFixed(0)} s)`);
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
