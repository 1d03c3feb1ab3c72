#!/usr/bin/env node
/** `npm run lab -- EXPERIMENT` sets up, and runs the experiment in this process so that signals reach it. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT } from './checkout.mjs';
import { describedFiles, formatDescriptions } from './described-files.mjs';
import { jsonFile } from './json-file.mjs';
import { readOptions } from './read-options.mjs';
import { setUp } from './setup.mjs';
import { fromUserDirectory } from './user-directory.mjs';

const EXPERIMENTS = describedFiles(join(CHECKOUT, 'dev', 'lab', 'src', 'experiments'));
const MAX_VERIFIERS = 2_000;
const MAX_MINUTES = 24 * 60;
const MAX_SEED = 2 ** 32 - 1;

const HELP = `Usage: npm run lab -- EXPERIMENT [options]
       npm run lab -- report [--out DIR]

Runs an experiment with real Postgres, NATS and services, on the loopback interface. It stops by
itself and leaves nothing running. The exit status is 1 if a promise was broken, and 2 if this
machine cannot run the experiment.

${formatDescriptions(EXPERIMENTS)}

  report      Joins the latest runs of all experiments that have a page into lab-reports/index.html.
              It prefers a full run to a later quick one.

Options:
  --verifiers N  number of verifiers (default 1000, at most ${MAX_VERIFIERS})
  --minutes N    how long to inject faults (default 5)
  --seed S       repeats the schedule of an earlier run, which has printed its seed
  --quick        takes less than a minute; shows that it works, but do not quote the figures
  --json FILE    also write the report to FILE
  --out DIR      folder for runs and pages (default: lab-reports in the checkout)
  --help         show this text
`;

/** This command joins saved runs into one page. It is not an experiment and needs no servers. */
const REPORT = 'report';
const [experiment, ...rest] = process.argv.slice(2);
const known = experiment === REPORT || EXPERIMENTS.some(({ name }) => name === experiment);
if (known) process.argv.splice(2, process.argv.length, ...rest);
const options = readOptions(
  HELP,
  {
    verifiers: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    out: { type: 'string' },
  },
  complaint,
);
const json = jsonFile(options.json);
const stopEnding = await setUp();
const lab = pathToFileURL(join(CHECKOUT, 'dev', 'lab', 'dist', 'main.js'));
const { joinReports, runLab } = await import(lab.href);
stopEnding();
const number = (/** @type {string | undefined} */ text) =>
  text === undefined ? undefined : Number(text);
const { quick, verifiers, minutes, seed } = options;
const out = options.out ? fromUserDirectory(options.out) : undefined;
if (experiment === REPORT) process.exit(joinReports({ checkout: CHECKOUT, out }));
process.exit(
  await runLab(experiment, {
    checkout: CHECKOUT,
    quick,
    verifiers: number(verifiers),
    minutes: number(minutes),
    seed: number(seed),
    json,
    out,
  }),
);

/** @param {{ verifiers?: string, minutes?: string, seed?: string }} values */
function complaint({ verifiers, minutes, seed }) {
  if (!known) return experiment ? `Unknown experiment '${experiment}'` : 'Name an experiment';
  return (
    notANumber('--verifiers', verifiers, { from: 1, to: MAX_VERIFIERS, whole: true }) ??
    notANumber('--minutes', minutes, { from: 0.1, to: MAX_MINUTES, whole: false }) ??
    notANumber('--seed', seed, { from: 0, to: MAX_SEED, whole: true })
  );
}

/**
 * @param {string} option
 * @param {string | undefined} text
 * @param {{ from: number, to: number, whole: boolean }} range
 */
function notANumber(option, text, { from, to, whole }) {
  if (text === undefined) return undefined;
  const value = Number(text);
  const good = /^\d+(\.\d+)?$/.test(text) && (!whole || Number.isInteger(value));
  if (good && value >= from && value <= to) return undefined;
  return `${option}: '${text}' is not ${whole ? 'a whole number' : 'a number'} from ${from} to ${to}`;
}
