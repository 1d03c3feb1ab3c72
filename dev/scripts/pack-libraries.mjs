#!/usr/bin/env node
/**
 * `node dev/scripts/pack-libraries.mjs FOLDER` packs the published libraries as tarballs and prints the path
 * of each. It packs the `dist` folders that `npm run build` has written. `npm pack` alone would leave out the
 * licence, because it only takes a LICENSE from the library's own folder, and one file serves all libraries.
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
import { readOperands } from './read-options.mjs';

const LIBRARIES = publishedLibraries();

const HELP = `Usage: node dev/scripts/pack-libraries.mjs FOLDER

Packs the published libraries into FOLDER, and creates it if it does not exist. Run 'npm run build' first.

Options:
  --help  show this text
`;

const [into = ''] = readOperands(HELP, (operands) =>
  operands.length === 1 ? undefined : 'Name one folder',
);
const unbuilt = LIBRARIES.find((library) => !existsSync(join(CHECKOUT, 'libs', library, 'dist')));
if (unbuilt) {
  console.error(`libs/${unbuilt} has not been compiled. Run 'npm run build' first.`);
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
    // The README links to the examples, and a command starts in `bin`.
    for (const folder of ['examples', 'bin'].filter((name) => existsSync(join(library, name))))
      cpSync(join(library, folder), join(stage, folder), { recursive: true });
    writeFileSync(join(stage, 'package.json'), JSON.stringify(manifestOf(library), null, 2));
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination];
    const output = execFileSync('npm', args, { cwd: stage, stdio: ['ignore', 'pipe', 'inherit'] });
    return join(destination, JSON.parse(output.toString())[0].filename);
  } finally {
    rmSync(stage, { recursive: true });
  }
}

/**
 * The output of a deleted module stays in `dist` and must not be published.
 *
 * @param {string} library
 * @param {string} dist
 * @param {string} file
 */
function hasSource(library, dist, file) {
  const name = basename(file).replace(/\.(js|d\.ts)(\.map)?$/, '');
  const source = join(library, 'src', relative(dist, dirname(file)), name);
  return existsSync(`${source}.ts`) || (name === basename(file) && existsSync(source));
}

/**
 * Leaves out the fields that only matter in this repository. `files` is not needed either, because the folder
 * that is packed contains only the package.
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
