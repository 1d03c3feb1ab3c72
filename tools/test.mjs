#!/usr/bin/env node
/** `npm test`: set up, then everything that must hold. The last line is `N passed, N failed`. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from './run-command.mjs';
import { CHECKOUT, SetupError, setUp } from './setup.mjs';

const HELP = `Usage: npm test [-- options]

Format, lint, boundaries, types, unit, integration and end-to-end tests, against a Postgres and a
NATS of their own: it also works while \`npm start\` is running.

Options:
  --quick       format, lint, types and unit tests only
  --only STAGE  one stage: format, lint, boundaries, types, unit, integration or e2e
  --help        show this
`;

/** @typedef {{ passed: number, failed: number }} Count */

const bin = (/** @type {string} */ path) => join(CHECKOUT, 'node_modules', path);
const nx = { NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true', FORCE_COLOR: '0' };

/** @type {{ name: string, quick?: boolean, run: () => Promise<Count> }[]} */
const STAGES = [
  {
    name: 'format',
    quick: true,
    run: () => check('prettier', [bin('prettier/bin/prettier.cjs'), '--check', '.']),
  },
  {
    name: 'lint',
    quick: true,
    run: () => check('eslint through nx', [bin('nx/dist/bin/nx.js'), 'run', 'latchkey:lint'], nx),
  },
  {
    name: 'boundaries',
    run: () => check('prove boundaries', [join(CHECKOUT, 'tools', 'prove-boundaries.mjs')], nx),
  },
  {
    name: 'types',
    quick: true,
    run: () => check('tsc', [bin('typescript/bin/tsc'), '-p', 'tsconfig.spec.json']),
  },
  { name: 'unit', quick: true, run: () => jest('unit') },
  { name: 'integration', run: () => jest('integration') },
  { name: 'e2e', run: () => jest('e2e') },
];

const options = readOptions();
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
try {
  await setUp();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

const total = { passed: 0, failed: 0 };
for (const stage of STAGES.filter(({ name, quick }) => selected(name, quick))) {
  console.log(`\n▶ ${stage.name}`);
  const start = performance.now();
  const { passed, failed } = await stage.run();
  total.passed += passed;
  total.failed += failed;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${failed === 0 ? '✓' : '✗'} ${stage.name}: ${passed} passed, ${failed} failed (${seconds} s)`,
  );
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

/**
 * @param {string} name
 * @param {boolean | undefined} quick
 */
function selected(name, quick) {
  return options.only === undefined ? quick || !options.quick : name === options.only;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.only !== undefined && !STAGES.some(({ name }) => name === values.only)) {
      throw new Error(`Unknown stage '${values.only}'`);
    }
    return values;
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

/**
 * A stage that is one check: its output is shown when it fails.
 *
 * @param {string} title
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<Count>}
 */
async function check(title, args, env = {}) {
  const { code, output } = await runCommand(title, process.execPath, args, {
    cwd: CHECKOUT,
    env: { ...process.env, ...env },
  });
  if (code === 0) return { passed: 1, failed: 0 };
  console.log(output);
  return { passed: 0, failed: 1 };
}

/**
 * A stage of Jest counts its tests. A file that could not be run, and a run without any test, count
 * as failures.
 *
 * @param {string} project
 * @returns {Promise<Count>}
 */
async function jest(project) {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-jest-'));
  const outputFile = join(directory, 'result.json');
  const flags = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'];
  const args = ['--selectProjects', project, '--json', `--outputFile=${outputFile}`];
  if (project === 'e2e') args.push('--runInBand');
  try {
    const { code, output } = await runCommand(
      `${project} tests`,
      process.execPath,
      [...flags, bin('jest/bin/jest.js'), ...args],
      { cwd: CHECKOUT, env: { ...process.env, FORCE_COLOR: '0' } },
    );
    if (!existsSync(outputFile)) {
      console.log(output);
      return { passed: 0, failed: 1 };
    }
    return countOf(JSON.parse(readFileSync(outputFile, 'utf8')), code);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * @param {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number, testResults: { name: string, status: string, message: string }[] }} result
 * @param {number} code
 */
function countOf(result, code) {
  for (const file of result.testResults) {
    if (file.status === 'failed')
      console.log(`${file.name.replace(CHECKOUT, '')}\n${file.message}`);
  }
  const passed = result.numPassedTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  // Jest can fail as a whole, or find nothing to run, with no failed test to show for it.
  return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed };
}
