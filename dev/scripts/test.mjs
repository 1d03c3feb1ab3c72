#!/usr/bin/env node
/** `npm test` installs missing dependencies, then checks everything. Its last line is `N passed, N failed`. */
import { holdTestLock } from './alone.mjs';
import { readOptions } from './read-options.mjs';
import { SetupError } from './setup-error.mjs';
import { endOnSignals, setUpDependencies } from './setup.mjs';
import { CHECKS, STAGES, runChecks } from './stages.mjs';

const names = Object.keys(CHECKS);
const HELP = `Usage: npm test [-- options]

Checks format, lint, boundaries, generated files and types, and runs unit, integration and end-to-end tests. They start their
own servers, so \`npm start\` may be running meanwhile. A check runs again only if something that it reads
has changed since it last passed.

Options:
  --quick       format, lint, boundaries, generated files, types and unit tests only
  --only CHECK  one of ${names.join(', ')}
  --help        show this text
`;

const { quick, only } = readOptions(
  HELP,
  { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
  ({ only }) =>
    only === undefined || names.includes(only) ? undefined : `Unknown check '${only}'`,
);
endOnSignals();
const total = { passed: 0, failed: 0 };
try {
  holdTestLock();
  await setUpDependencies();
  for (const checks of selected()) await run(checks);
} catch (error) {
  console.error(explain(error));
  total.failed++;
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

/** @returns {string[][]} */
function selected() {
  if (only !== undefined) return [[only]];
  return STAGES.filter((stage) => stage.quick || !quick).map(({ checks }) => checks);
}

/** @param {string[]} checks */
async function run(checks) {
  console.log(`\n▶ ${checks.join(', ')}`);
  const { passed, failed } = await runChecks(checks);
  total.passed += passed;
  total.failed += failed;
}

/** @param {unknown} error */
function explain(error) {
  if (error instanceof SetupError) return error.message;
  return error instanceof Error ? error.stack : String(error);
}
