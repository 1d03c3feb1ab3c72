#!/usr/bin/env node
/** `npm start` sets up, and runs the demo in this process so that signals reach it directly. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT } from './checkout.mjs';
import { jsonFile } from './json-file.mjs';
import { readOptions } from './read-options.mjs';
import { setUp } from './setup.mjs';

const HELP = `Usage: npm start [-- options]

Starts Latchkey on this machine (Postgres, NATS, Redis, auth and the services of deploy/services.json),
shows step by step what it does, and keeps everything running until Ctrl-C.

Options:
  --exit        end after the last step; the exit status is 0 only if every step held
  --json FILE   also write the steps, with times and statuses, to FILE
  --break PART  after the steps, break a part for 12 seconds, and show every second what each service answers,
                until all have recovered. PART is nats, auth, postgres, redis, or the connection of one
                replica to NATS, such as nats:orders-1
  --fresh       delete the data of earlier starts
  --help        show this text
`;

const {
  break: part,
  exit,
  fresh,
  json,
} = readOptions(HELP, {
  break: { type: 'string' },
  exit: { type: 'boolean', default: false },
  fresh: { type: 'boolean', default: false },
  json: { type: 'string' },
});
const file = jsonFile(json);
const stopEnding = await setUp();
const demo = pathToFileURL(join(CHECKOUT, 'dev', 'demo', 'dist', 'main.js'));
const { runDemo } = await import(demo.href);
stopEnding();
// Exits explicitly, because after Ctrl-C the request of a step may still be pending.
process.exit(await runDemo({ checkout: CHECKOUT, exit, fresh, json: file, break: part }));
