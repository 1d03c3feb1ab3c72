#!/usr/bin/env node
/** `npm run bench`: set up, then measure in this same process, so that signals reach it directly. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT } from './checkout.mjs';
import { jsonFile } from './json-file.mjs';
import { readOptions } from './read-options.mjs';
import { setUp } from './setup.mjs';

/** Known before anything is compiled; the benchmark itself has one entry for each. */
const GROUPS = [
  'first-sight',
  'seen-before',
  'deny-list-memory',
  'threads',
  'issue',
  'http',
  'issue-http',
];
const MOST_ROUNDS = 1_000;

const HELP = `Usage: npm run bench [-- options]

Measures the verifier, the deny-list and the issuer beside their peers, in one run and interleaved,
and prints medians with their spread. Takes about six minutes; leave the machine alone meanwhile.
The status is 0 whatever the figures are.

Options:
  --quick        less than a minute: shows that it works, too little to quote
  --only GROUP   one of ${GROUPS.join(', ')}
  --rounds N     so many rounds of each group, 1 to ${MOST_ROUNDS}
  --json FILE    also write every figure, ratio and sample to FILE
  --update-docs  also put the tables into docs/benchmarks.md (all groups, not with --quick)
  --help         show this
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
// Not left to the event loop: after Ctrl-C something may still be waiting for an answer.
process.exit(await runBench({ checkout: CHECKOUT, quick, only, rounds, json, updateDocs }));

/** @param {{ only?: string, rounds?: string, quick: boolean, 'update-docs': boolean }} values */
function complaint({ only, rounds, quick, 'update-docs': updateDocs }) {
  if (only !== undefined && !GROUPS.includes(only)) return `Unknown group '${only}'`;
  if (rounds !== undefined && !isCount(rounds))
    return `--rounds: '${rounds}' is not 1 to ${MOST_ROUNDS}`;
  if (updateDocs && (quick || only !== undefined))
    return '--update-docs needs a full run: leave out --quick and --only';
  return undefined;
}

/** @param {string} text */
function isCount(text) {
  return /^[1-9]\d*$/.test(text) && Number(text) <= MOST_ROUNDS;
}
