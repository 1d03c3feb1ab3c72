#!/usr/bin/env node
/** `npm start`: set up, then the tour in this same process, so that signals reach it directly. */
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT, SetupError, setUp } from './setup.mjs';

const HELP = `Usage: npm start [-- options]

Brings Latchkey up on this machine (Postgres, NATS, auth, orders x 2, inventory, payments), shows
what it does step by step, and stays up until Ctrl-C.

Options:
  --exit        end after the tour; status 0 only if every step held
  --json FILE   also write the steps, with times and statuses, to FILE
  --fresh       forget the data of earlier starts
  --help        show this
`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        exit: { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        json: { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

const options = readOptions();
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
try {
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  await setUp();
  process.off('SIGINT', interrupted);
  process.off('SIGTERM', interrupted);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exit(1);
}
const { runTour } = await import(
  pathToFileURL(join(CHECKOUT, 'apps', 'tour', 'dist', 'main.js')).href
);
process.exitCode = await runTour({ ...options, checkout: CHECKOUT });

function interrupted() {
  console.log('\nInterrupted during the set-up; nothing was left running.');
  process.exit(130);
}
