import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';
import { runCommand } from './run-command.mjs';

const NX = join(CHECKOUT, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
/** Nx writes the outcome of each task of its latest run here. */
const LATEST_RUN = join(CHECKOUT, '.nx', 'cache', 'run.json');

/** @typedef {{ taskId: string, target: string, projectName: string, cacheStatus: string, status: number }} Task */

/**
 * Runs targets of all projects that have them. Nx takes a target from its cache if none of its inputs has changed.
 *
 * @param {string[]} targets
 * @returns {Promise<{ code: number, output: string, seconds: number, tasks: Task[] }>}
 */
export async function runTargets(targets, env = {}) {
  rmSync(LATEST_RUN, { force: true });
  const watch = watchTasks(targets.join(', '));
  const result = await runCommand(
    watch.title,
    process.execPath,
    [NX, 'run-many', `--targets=${targets.join(',')}`, '--outputStyle=stream'],
    {
      cwd: CHECKOUT,
      env: { ...process.env, FORCE_COLOR: '0', NX_DAEMON: 'false', NX_TUI: 'false', ...env },
      onLine: watch.onLine,
    },
  );
  const tasks = existsSync(LATEST_RUN) ? JSON.parse(readFileSync(LATEST_RUN, 'utf8')).tasks : [];
  return { ...result, tasks };
}

/**
 * Follows the output of Nx for the progress line: the task that was started last, its duration, and the number of
 * test files that all tasks have finished.
 *
 * @param {string} fallback the title before the first task
 */
function watchTasks(fallback) {
  /** @type {{ name: string, start: number } | undefined} */
  let latest;
  let files = 0;
  return {
    /** @param {string} line */
    onLine(line) {
      const started = /^> nx run ([^ ]+)(.*)/.exec(line);
      if (started) latest = { name: started[1] ?? '', start: performance.now() };
      else if (/: (PASS|FAIL) /.test(line)) files++;
    },
    title() {
      if (!latest) return fallback;
      const seconds = ((performance.now() - latest.start) / 1000).toFixed(0);
      const done = files > 0 ? `, ${files} test files done` : '';
      return `${latest.name.replace('@latchkey/', '')} for ${seconds} s${done}`;
    },
  };
}
