import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';
import { runCommand } from './run-command.mjs';
import { setUpBuild } from './setup.mjs';

/** @typedef {{ passed: number, failed: number }} Count */

const PASSED = { passed: 1, failed: 0 };
const FAILED = { passed: 0, failed: 1 };

const bin = (/** @type {string} */ path) => join(CHECKOUT, 'node_modules', path);
const nx = { NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true', NX_SKIP_NX_CACHE: 'true' };

/**
 * What `npm test` runs, in this order. A check counts as one test; a run of Jest as many as it has.
 *
 * @type {{ name: string, quick?: boolean, run: () => Promise<Count> }[]}
 */
export const STAGES = [
  {
    name: 'format',
    quick: true,
    run: () => check('prettier', [bin('prettier/bin/prettier.cjs'), '--check', '.']),
  },
  {
    name: 'lint',
    quick: true,
    run: () => check('eslint through nx', [bin('nx/dist/bin/nx.js'), 'run', 'latchkey:lint']),
  },
  { name: 'boundaries', run: boundaries },
  { name: 'types', quick: true, run: types },
  { name: 'unit', quick: true, run: () => jest('unit') },
  { name: 'integration', run: () => jest('integration') },
  { name: 'e2e', run: endToEnd },
];

/** Without Nx's graph in its cache the rule would be skipped in silence; any command of Nx makes it. */
async function boundaries() {
  const graph = await check('nx', [bin('nx/dist/bin/nx.js'), 'show', 'projects']);
  if (graph.failed > 0) return graph;
  return check('prove boundaries', [join(CHECKOUT, 'dev/scripts', 'prove-boundaries.mjs')]);
}

/** Compiles as well: the end-to-end tests run what comes out of it. */
async function types() {
  await setUpBuild();
  return check('tsc', [bin('typescript/bin/tsc'), '-p', 'tsconfig.spec.json']);
}

async function endToEnd() {
  await setUpBuild();
  return jest('e2e');
}

/**
 * A stage that is one check: its output is shown when it fails.
 *
 * @param {string} title
 * @param {string[]} args
 * @returns {Promise<Count>}
 */
async function check(title, args) {
  const { code, output } = await node(title, args);
  if (code === 0) return PASSED;
  console.log(output);
  return FAILED;
}

/**
 * @param {string} title
 * @param {string[]} args
 */
function node(title, args) {
  const env = { ...process.env, ...nx, FORCE_COLOR: '0' };
  return runCommand(title, process.execPath, args, { cwd: CHECKOUT, env });
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
  // A test that leaves a timer or a socket open must not keep the other stages from being run.
  const args = ['--selectProjects', project, '--json', `--outputFile=${outputFile}`, '--forceExit'];
  if (project === 'e2e') args.push('--runInBand');
  try {
    const { code, output } = await node(`${project} tests`, [
      ...flags,
      bin('jest/bin/jest.js'),
      ...args,
    ]);
    if (existsSync(outputFile)) return countOf(JSON.parse(readFileSync(outputFile, 'utf8')), code);
    console.log(output);
    return FAILED;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * @param {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number, testResults: { name: string, status: string, message: string }[] }} result
 * @param {number} code
 * @returns {Count}
 */
function countOf(result, code) {
  for (const { name, status, message } of result.testResults) {
    if (status === 'failed') console.log(`${name.replace(CHECKOUT, '')}\n${message}`);
  }
  const passed = result.numPassedTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  // Jest can fail as a whole, or find nothing to run, with no failed test to show for it.
  return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed };
}
