#!/usr/bin/env node
/** `npm run dev` starts the stack of `npm start`, and rebuilds and restarts it when a source file changes. */
import { watch } from 'node:fs';
import { join } from 'node:path';
import { alone } from './alone.mjs';
import { build } from './build.mjs';
import { CHECKOUT } from './checkout.mjs';
import { readOptions } from './read-options.mjs';
import { RestartingProcess } from './restarting-process.mjs';
import { SetupError } from './setup-error.mjs';
import { setUp } from './setup.mjs';
import { EXIT_CODES } from './signals.mjs';

const HELP = `Usage: npm run dev

Starts the same stack as 'npm start', and watches the sources. When a change compiles, the stack restarts
and keeps its data. Ctrl-C ends it.

Options:
  --help  show this text
`;

/** Editors write several files in a row; one rebuild serves all of them. */
const QUIET_MILLISECONDS = 300;
const SOURCES = ['apps', 'libs', 'dev'];
const SOURCE_FILE = /(^|\/)src\/.*(?<!spec)\.(tsx?|css|json)$/;

readOptions(HELP, {});
const stopEnding = await setUp();
stopEnding();
const stack = new RestartingProcess([join(CHECKOUT, 'dev', 'scripts', 'start.mjs')]);
let working = Promise.resolve();
/** @type {NodeJS.Timeout | undefined} */
let quiet;

for (const folder of SOURCES) {
  watch(join(CHECKOUT, folder), { recursive: true }, (_event, file) => {
    if (file === null || !SOURCE_FILE.test(file)) return;
    clearTimeout(quiet);
    quiet = setTimeout(
      () => (working = working.then(() => rebuild(`${folder}/${file}`))),
      QUIET_MILLISECONDS,
    );
  });
}
for (const [signal, code] of Object.entries(EXIT_CODES)) {
  process.once(signal, () => void stack.stop().then(() => process.exit(code)));
}
stack.start();

/** @param {string} file */
async function rebuild(file) {
  console.log(`\n${file} changed.`);
  try {
    await alone(build);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`${error.message}\nThe stack keeps running as it was.`);
    return;
  }
  await stack.stop();
  stack.start();
}
