#!/usr/bin/env node
/** `npm run bench` sets up, and measures in this process so that signals reach it. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT } from './checkout.mjs';
import { describedFiles, formatDescriptions } from './described-files.mjs';
import { jsonFile } from './json-file.mjs';
import { readOptions } from './read-options.mjs';
import { setUp } from './setup.mjs';

const GROUPS = describedFiles(join(CHECKOUT, 'dev', 'bench', 'src', 'groups'));
const MAX_ROUNDS = 1_000;

const HELP = `Usage: npm run bench [-- options]

Measures the verifier, the deny-list and the issuer next to alternatives, and calls between services,
interleaved in one run, and prints medians and ranges. This takes about ten minutes; use the machine
for nothing else meanwhile. The exit status is 0 whatever the figures are.

Groups:
${formatDescriptions(GROUPS)}

Options:
  --quick        takes less than a minute; shows that it works, but do not quote the figures
  --only GROUP   one of ${GROUPS.map(({ name }) => name).join(', ')}
  --rounds N     rounds of each group, 1 to ${MAX_ROUNDS}
  --json FILE    also write every figure, ratio and sample to FILE
  --update-docs  also put the tables, or that of --only, into docs/benchmarks.md (not with --quick)
  --help         show this text
`;

const options = readOptions(
  HELP,
  {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string' },
    'update-docs': { type: 'boolean', default: false },
  },
  complaint,
);
const json = jsonFile(options.json);
const stopEnding = await setUp();
const bench = pathToFileURL(join(CHECKOUT, 'dev', 'bench', 'dist', 'main.js'));
const { runBench } = await import(bench.href);
stopEnding();
const { quick, only, 'update-docs': updateDocs } = options;
const rounds = options.rounds === undefined ? undefined : Number(options.rounds);
// Exits explicitly, because after Ctrl-C a request may still be pending.
process.exit(await runBench({ checkout: CHECKOUT, quick, only, rounds, json, updateDocs }));

/** @param {{ only?: string, rounds?: string, quick: boolean, 'update-docs': boolean }} values */
function complaint({ only, rounds, quick, 'update-docs': updateDocs }) {
  if (only !== undefined && !GROUPS.some(({ name }) => name === only))
    return `Unknown group '${only}'`;
  if (rounds !== undefined && !isCount(rounds))
    return `--rounds: '${rounds}' is not a whole number from 1 to ${MAX_ROUNDS}`;
  if (updateDocs && quick) return '--update-docs needs a full run: leave out --quick';
  return undefined;
}

/** @param {string} text */
function isCount(text) {
  return /^[1-9]\d*$/.test(text) && Number(text) <= MAX_ROUNDS;
}
