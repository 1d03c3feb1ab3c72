#!/usr/bin/env node
/**
 * `node dev/scripts/pack-libraries.mjs FOLDER`: the publishable libraries as tarballs, from what
 * `npm run build` left in their `dist`. Prints the path of each. This, and not `npm pack` in a
 * library's folder, because npm takes a LICENSE from there only, and there is one for all of them.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { CHECKOUT } from './checkout.mjs';
import { publishedLibraries } from './published-libraries.mjs';

const LIBRARIES = publishedLibraries();

const HELP = `Usage: node dev/scripts/pack-libraries.mjs FOLDER

Packs the published libraries into FOLDER, which is made if it is not there, from what 'npm run build' left.`;

const [into] = process.argv.slice(2);
if (into === '--help') {
  console.log(HELP);
  process.exit(0);
}
if (into === undefined || into.startsWith('-')) {
  console.error(HELP);
  process.exit(2);
}
const unbuilt = LIBRARIES.find((library) => !existsSync(join(CHECKOUT, 'libs', library, 'dist')));
if (unbuilt) {
  console.error(`libs/${unbuilt} has not been compiled: run 'npm run build' first`);
  process.exit(1);
}
mkdirSync(into, { recursive: true });
for (const library of LIBRARIES) console.log(pack(join(CHECKOUT, 'libs', library), resolve(into)));

/**
 * @param {string} library
 * @param {string} destination
 */
function pack(library, destination) {
  const stage = mkdtempSync(join(tmpdir(), 'latchkey-pack-'));
  try {
    const dist = join(library, 'dist');
    const filter = (/** @type {string} */ file) => file === dist || hasSource(library, dist, file);
    cpSync(dist, join(stage, 'dist'), { recursive: true, filter });
    cpSync(join(library, 'README.md'), join(stage, 'README.md'));
    cpSync(join(CHECKOUT, 'LICENSE'), join(stage, 'LICENSE'));
    const examples = join(library, 'examples'); // the README links to them
    if (existsSync(examples)) cpSync(examples, join(stage, 'examples'), { recursive: true });
    writeFileSync(join(stage, 'package.json'), JSON.stringify(manifestOf(library), null, 2));
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination];
    const output = execFileSync('npm', args, { cwd: stage, stdio: ['ignore', 'pipe', 'inherit'] });
    return join(destination, JSON.parse(output.toString())[0].filename);
  } finally {
    rmSync(stage, { recursive: true });
  }
}

/**
 * What was compiled from a module that is gone stays in `dist` and must not be published.
 *
 * @param {string} library
 * @param {string} dist
 * @param {string} file
 */
function hasSource(library, dist, file) {
  const name = basename(file).replace(/\.(js|d\.ts)(\.map)?$/, '');
  const beside = join(library, 'src', relative(dist, dirname(file)), name);
  return existsSync(`${beside}.ts`) || (name === basename(file) && existsSync(beside));
}

/**
 * Without what means something in this repository only. There are no other files than the package's
 * where it is packed, so it need not list them.
 *
 * @param {string} library
 */
function manifestOf(library) {
  const {
    nx: _,
    files: __,
    ...manifest
  } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
  for (const entry of Object.values(manifest.exports)) delete entry['@latchkey/source'];
  return manifest;
}
