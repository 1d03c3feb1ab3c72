#!/usr/bin/env node
/** `npm test`: set up, then everything that must hold. The last line is `N passed, N failed`. */
import { readOptions } from './read-options.mjs';
import { SetupError } from './setup-error.mjs';
import { endOnSignals, setUpDependencies } from './setup.mjs';
import { STAGES } from './stages.mjs';

const HELP = `Usage: npm test [-- options]

Format, lint, boundaries, types, unit, integration and end-to-end tests, against a Postgres and a
NATS of their own: it also works while \`npm start\` is running.

Options:
  --quick       format, lint, types and unit tests only
  --only STAGE  one stage: ${STAGES.map(({ name }) => name).join(', ')}
  --help        show this
`;

const { quick, only } = readOptions(
  HELP,
  { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
  ({ only }) =>
    only === undefined || STAGES.some(({ name }) => name === only)
      ? undefined
      : `Unknown stage '${only}'`,
);
endOnSignals();
const total = { passed: 0, failed: 0 };
if (await isSetUp()) {
  for (const stage of STAGES.filter(isSelected)) await run(stage);
} else {
  total.failed++;
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

async function isSetUp() {
  try {
    await setUpDependencies();
    return true;
  } catch (error) {
    console.error(explain(error));
    return false;
  }
}

/** @param {(typeof STAGES)[number]} stage */
function isSelected(stage) {
  return only === undefined ? stage.quick || !quick : stage.name === only;
}

/** @param {(typeof STAGES)[number]} stage */
async function run(stage) {
  console.log(`\n▶ ${stage.name}`);
  const start = performance.now();
  const { passed, failed } = await stage.run().catch((error) => {
    console.error(explain(error));
    return { passed: 0, failed: 1 };
  });
  total.passed += passed;
  total.failed += failed;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${failed === 0 ? '✓' : '✗'} ${stage.name}: ${passed} passed, ${failed} failed (${seconds} s)`,
  );
}

/** @param {unknown} error */
function explain(error) {
  if (error instanceof SetupError) return error.message;
  return error instanceof Error ? error.stack : String(error);
}
