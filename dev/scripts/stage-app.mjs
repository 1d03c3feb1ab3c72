#!/usr/bin/env node
/**
 * `node dev/scripts/stage-app.mjs FOLDER APP…` copies the files that each app needs at run time to FOLDER/APP. The
 * Dockerfile uses it instead of `npm ci --omit=dev`, which also installs optional peers such as the compiler, and
 * needs an installation per app.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT } from './checkout.mjs';
import { readOperands } from './read-options.mjs';

const HELP = `Usage: node dev/scripts/stage-app.mjs FOLDER APP…

Copies the files that each APP needs at run time to FOLDER/APP. Run 'npm run build' first.

Options:
  --help  show this text
`;

/**
 * @typedef {object} LockedPackage
 * @property {string} [resolved] the target of a link
 * @property {boolean} [link]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, { optional?: boolean }>} [peerDependenciesMeta]
 */

/**
 * Finds what an app needs: itself, its libraries and their packages.
 *
 * @param {Record<string, LockedPackage>} locked the `packages` of package-lock.json
 * @param {string} app
 * @returns {Set<string>} folders, relative to the checkout
 */
export function productionPackages(locked, app) {
  const found = new Set();
  const queue = [`apps/${app}`];
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    if (found.has(place)) continue;
    const entry = locked[place];
    if (!entry) throw new Error(`package-lock.json does not have ${place}`);
    found.add(place);
    if (entry.link && entry.resolved) queue.push(entry.resolved);
    else queue.push(...dependenciesOf(locked, place, entry));
  }
  return found;
}

/**
 * @param {Record<string, LockedPackage>} locked
 * @param {string} place
 * @param {LockedPackage} entry
 */
function dependenciesOf(locked, place, entry) {
  const { dependencies, optionalDependencies = {}, peerDependencies, peerDependenciesMeta } = entry;
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  return names.flatMap((name) => {
    const optional = name in optionalDependencies;
    // A package that needs the peer itself also lists it among its dependencies.
    if (peerDependenciesMeta?.[name]?.optional && !(name in { ...dependencies })) return [];
    const target = placeOf(locked, place, name);
    if (target !== undefined) return [target];
    if (optional) return [];
    throw new Error(`package-lock.json does not have ${name}, which ${place} needs`);
  });
}

/**
 * Resolves a package as Node does, from the folder of the importing package upwards.
 *
 * @param {Record<string, LockedPackage>} locked
 * @param {string} from
 * @param {string} name
 */
function placeOf(locked, from, name) {
  for (let folder = from; ; folder = posix.dirname(folder)) {
    const place = folder === '.' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (locked[place]) return place;
    if (folder === '.') return undefined;
  }
}

/** Built pages that an app serves. They contain what they need. @type {Record<string, string[]>} */
export const PAGES = { auth: ['apps/console/dist'] };

/** Types and source maps have no use in a container. */
const LEFT_OUT = /\.(?:d\.[cm]?ts|map|tsbuildinfo)$/;

/**
 * @param {string} folder
 * @param {string} app
 */
export function stageApp(folder, app) {
  for (const page of PAGES[app] ?? []) copy(join(CHECKOUT, page), join(folder, app, page));
  const { packages } = JSON.parse(readFileSync(join(CHECKOUT, 'package-lock.json'), 'utf8'));
  for (const place of productionPackages(packages, app)) {
    const from = join(CHECKOUT, place);
    const to = join(folder, app, place);
    mkdirSync(dirname(to), { recursive: true });
    if (packages[place].link) {
      symlinkSync(posix.relative(posix.dirname(place), packages[place].resolved), to);
    } else if (place.includes('node_modules/')) {
      // An optional package for another platform is not installed.
      if (existsSync(from) || !packages[place].optional) copy(from, to);
    } else {
      copy(join(from, 'package.json'), join(to, 'package.json'));
      copy(join(from, 'dist'), join(to, 'dist'));
    }
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
function copy(from, to) {
  const nested = join(from, 'node_modules');
  cpSync(from, to, {
    recursive: true,
    filter: (path) => path !== nested && !LEFT_OUT.test(path),
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder = '', ...apps] = readOperands(HELP, (operands) =>
    operands.length < 2 ? 'Name a folder and at least one app' : undefined,
  );
  for (const app of apps) stageApp(folder, app);
}
