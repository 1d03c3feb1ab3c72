import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endWithUs } from './run-command.mjs';

/** Longer than the stack takes to finish its requests and stop its servers. */
const STOP_MILLISECONDS = 30_000;

/** One Node.js program at a time, started and stopped again and again. */
export class RestartingProcess {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;

  /** @param {string[]} args */
  constructor(args) {
    this.args = args;
  }

  start() {
    // A group of its own, so that Ctrl-C reaches it through `stop` only.
    const child = spawn(process.execPath, this.args, {
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const forget = endWithUs(child.pid);
    child.once('exit', () => {
      forget();
      if (this.#child === child) this.#child = undefined;
    });
    this.#child = child;
  }

  /** Resolves when the program is gone; it is killed when it does not stop in time. */
  async stop() {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS);
    await exited;
    clearTimeout(kill);
  }
}
