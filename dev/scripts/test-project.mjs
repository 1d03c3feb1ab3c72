#!/usr/bin/env node
/**
 * `node dev/scripts/test-project.mjs unit|integration|e2e PROJECT [FOLDER]` is the command of the Nx targets `test…`. It
 * runs the tests in the folder, or those of all projects without a folder.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';

const [kind = '', project = '', folder] = process.argv.slice(2);
/** Nx runs two unit targets in parallel. Integration tests mostly wait for servers, so two cores can run three. */
const WORKERS = { unit: 1, integration: 3, e2e: 2 };
const result = join(CHECKOUT, '.nx', 'test-results', project, `${kind}.json`);
mkdirSync(dirname(result), { recursive: true });
rmSync(result, { force: true });

const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    join(CHECKOUT, 'node_modules', 'jest', 'bin', 'jest.js'),
    ...['--selectProjects', kind],
    ...(folder === undefined ? [] : ['--testPathPatterns', `^${folder}/`]),
    ...['--maxWorkers', String(WORKERS[kind] ?? 1)],
    ...['--json', '--outputFile', result],
    // A test that leaves a timer or a socket open must not keep the run from ending.
    '--forceExit',
  ],
  { cwd: CHECKOUT, stdio: 'inherit', env: { ...process.env, FORCE_COLOR: '0' } },
);
jest.once('close', (code) => process.exit(code ?? 1));
