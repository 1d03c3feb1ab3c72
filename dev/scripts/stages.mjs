import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';
import { runTargets } from './run-nx.mjs';

/** @typedef {{ passed: number, failed: number }} Count */
/** @typedef {import('./run-nx.mjs').Task} Task */

/**
 * The checks of `npm test`, and the Nx targets that each of them runs. A check without tests counts as one test.
 *
 * @type {Record<string, { targets: string[], tests?: string }>}
 */
export const CHECKS = {
  format: { targets: ['format'] },
  lint: { targets: ['lint:all'] },
  boundaries: { targets: ['boundaries'] },
  generated: { targets: ['generated'] },
  types: { targets: ['build:all', 'typecheck'] },
  unit: { targets: ['test'], tests: 'unit' },
  integration: { targets: ['test:int:all'], tests: 'integration' },
  e2e: { targets: ['test:e2e:all'], tests: 'e2e' },
};

/** Each stage is a run of Nx. Tests with time limits do not run beside checks that keep the processor busy. */
export const STAGES = [
  { checks: ['format', 'lint', 'boundaries', 'generated', 'types', 'unit'], quick: true },
  { checks: ['integration'] },
  { checks: ['e2e'] },
];

/**
 * @param {string[]} checks
 * @returns {Promise<Count>}
 */
export async function runChecks(checks) {
  const targets = checks.flatMap((check) => CHECKS[check]?.targets ?? []);
  const { code, output, tasks, seconds } = await runTargets(targets);
  const total = { passed: 0, failed: 0 };
  for (const check of checks) {
    const count = countOf(check, tasks);
    report(check, count, tasks);
    total.passed += count.passed;
    total.failed += count.failed;
  }
  // Nx itself may fail without a failed task, and it does not list tasks whose dependencies failed.
  if (code !== 0 && total.failed === 0) total.failed = 1;
  if (total.failed > 0) console.log(failuresIn(output, tasks, code));
  console.log(`  ${seconds.toFixed(1)} s`);
  return total;
}

/**
 * @param {string} check
 * @param {Task[]} tasks
 * @returns {Count}
 */
function countOf(check, tasks) {
  const { targets, tests } = CHECKS[check] ?? { targets: [] };
  const own = tasks.filter(({ target }) => targets.includes(target));
  if (tests !== undefined) {
    return own
      .map((task) => testsOf(task, tests))
      .reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }), {
        passed: 0,
        failed: own.length === 0 ? 1 : 0,
      });
  }
  const holds = own.length > 0 && own.every(({ status }) => status === 0);
  return holds ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * Counts the tests that a task ran, now or when its result was cached. A test file that cannot be loaded and a
 * run without tests count as failures.
 *
 * @param {Task} task
 * @param {string} tests
 * @returns {Count}
 */
function testsOf({ projectName, status }, tests) {
  const result = resultOf(projectName, tests);
  if (result === undefined) return { passed: 0, failed: 1 };
  const passed = result.numPassedTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return { passed, failed: failed === 0 && (status !== 0 || passed === 0) ? 1 : failed };
}

/**
 * Reads the results that Jest has written, or that Nx has restored from its cache.
 *
 * @param {string} projectName
 * @param {string} tests
 * @returns {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number, testResults: { name: string, status: string, message: string }[] } | undefined}
 */
function resultOf(projectName, tests) {
  const file = join(CHECKOUT, '.nx', 'test-results', projectName, `${tests}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/**
 * @param {string} check
 * @param {Count} count
 * @param {Task[]} tasks
 */
function report(check, { passed, failed }, tasks) {
  const own = tasks.filter(({ target }) => CHECKS[check]?.targets.includes(target));
  const cached = own.filter(({ cacheStatus }) => cacheStatus !== 'cache-miss').length;
  const from = `${own.length} ${own.length === 1 ? 'task' : 'tasks'}, ${cached} cached`;
  console.log(`${failed === 0 ? '✓' : '✗'} ${check}: ${passed} passed, ${failed} failed (${from})`);
}

/**
 * Collects the messages of failed tests, and the output of other failed tasks.
 *
 * @param {string} output
 * @param {Task[]} tasks
 * @param {number} code
 */
function failuresIn(output, tasks, code) {
  const failed = tasks.filter(({ status }) => status !== 0);
  if (failed.length === 0) return code === 0 ? '' : output;
  return failed.map((task) => messagesOf(task) ?? linesOf(task, output)).join('\n');
}

/** @param {Task} task */
function messagesOf({ target, projectName }) {
  const { tests } = Object.values(CHECKS).find(({ targets }) => targets.includes(target)) ?? {};
  const results = tests === undefined ? undefined : resultOf(projectName, tests)?.testResults;
  const failed = results?.filter(({ status }) => status === 'failed') ?? [];
  if (failed.length === 0) return undefined;
  return failed.map(({ name, message }) => `${name.replace(CHECKOUT, '')}\n${message}`).join('\n');
}

/**
 * @param {Task} task
 * @param {string} output
 */
function linesOf({ taskId, projectName }, output) {
  const prefix = `${projectName}: `;
  const lines = output.split('\n').filter((line) => line.startsWith(prefix));
  const shown = lines
    .map((line) => line.slice(prefix.length))
    .filter((line) => !/^PASS /.test(line));
  return `${taskId} failed:\n${shown.join('\n')}`;
}
