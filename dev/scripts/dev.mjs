#!/usr/bin/env node
/** `npm run dev`: the stack of `npm start`, compiled and started again when a source file changes. */
import { watch } from 'node:fs';
import { join } from 'node:path';
import { alone } from './alone.mjs';
import { build } from './build.mjs';
import { CHECKOUT } from './checkout.mjs';
import { readOptions } from './read-options.mjs';
import { RestartingProcess } from './restarting-process.mjs';
import { SetupError } from './setup-error.mjs';
import { setUp } from './setup.mjs';

const HELP = `Usage: npm run dev

Starts what 'npm start' starts, and watches the sources. A change is compiled; if it compiles, the stack is
started again with the data that it has. Ctrl-C ends it.

Options:
  --help  show this
`;

/** Editors write several files at once. */
const QUIET_MILLISECONDS = 300;
const SOURCES = ['apps', 'libs', 'dev'];
const SOURCE_FILE = /(^|\/)src\/.*(?<!spec)\.(ts|json)$/;

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
const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
for (const [signal, code] of Object.entries(codes)) {
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
    console.error(`${error.message}\nThe stack that was running stays up.`);
    return;
  }
  await stack.stop();
  stack.start();
}
