#!/usr/bin/env node
/** `npm start`: set up, then the tour in this same process, so that signals reach it directly. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT } from './checkout.mjs';
import { jsonFile } from './json-file.mjs';
import { readOptions } from './read-options.mjs';
import { setUp } from './setup.mjs';

const HELP = `Usage: npm start [-- options]

Brings Latchkey up on this machine (Postgres, NATS, Redis, auth, orders x 2, inventory, payments),
shows what it does step by step, and stays up until Ctrl-C.

Options:
  --exit        end after the tour; status 0 only if every step held
  --json FILE   also write the steps, with times and statuses, to FILE
  --fresh       forget the data of earlier starts
  --help        show this
`;

const { exit, fresh, json } = readOptions(HELP, {
  exit: { type: 'boolean', default: false },
  fresh: { type: 'boolean', default: false },
  json: { type: 'string' },
});
const file = jsonFile(json);
const stopEnding = await setUp();
const tour = pathToFileURL(join(CHECKOUT, 'dev', 'demo', 'dist', 'main.js'));
const { runTour } = await import(tour.href);
stopEnding();
// Not left to the event loop: after Ctrl-C a step may still be waiting for an answer.
process.exit(await runTour({ checkout: CHECKOUT, exit, fresh, json: file }));
