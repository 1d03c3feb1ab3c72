import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endWithUs } from './run-command.mjs';

/** The stack needs less to finish its requests and stop its servers. */
const STOP_MILLISECONDS = 30_000;

/** Runs a Node.js program that can be stopped and started again, one process at a time. */
export class RestartingProcess {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;

  /** @param {string[]} args */
  constructor(args) {
    this.args = args;
  }

  start() {
    // The program gets its own process group, so that Ctrl-C reaches it through `stop` only.
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

  /** Resolves when the program has ended. Kills it if it does not stop in time. */
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
