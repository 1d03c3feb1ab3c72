#!/usr/bin/env node
/**
 * `node dev/scripts/stage-app.mjs FOLDER APP…`, for the Dockerfile: copies what each app needs at run time into
 * FOLDER/APP, out of a checkout that is installed and compiled. That is less than `npm ci --omit=dev`
 * installs, which brings optional peers such as the compiler with it, and one installation serves all apps.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT } from './checkout.mjs';

/**
 * @typedef {object} LockedPackage
 * @property {string} [resolved] where a link leads
 * @property {boolean} [link]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, { optional?: boolean }>} [peerDependenciesMeta]
 */

/**
 * The places, relative to the checkout, of what an app needs: itself, its libraries and their packages.
 *
 * @param {Record<string, LockedPackage>} locked `packages` of package-lock.json
 * @param {string} app
 * @returns {Set<string>}
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
    // An optional peer is there for somebody else; who needs it lists it among its own dependencies.
    if (peerDependenciesMeta?.[name]?.optional && !(name in { ...dependencies })) return [];
    const target = placeOf(locked, place, name);
    if (target !== undefined) return [target];
    if (optional) return [];
    throw new Error(`package-lock.json does not have ${name}, which ${place} needs`);
  });
}

/**
 * As Node resolves it: from the folder of the package upwards.
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

/** Neither types nor source maps: nobody reads them in a container. */
const LEFT_OUT = /\.(?:d\.[cm]?ts|map|tsbuildinfo)$/;

/**
 * @param {string} folder
 * @param {string} app
 */
export function stageApp(folder, app) {
  const { packages } = JSON.parse(readFileSync(join(CHECKOUT, 'package-lock.json'), 'utf8'));
  for (const place of productionPackages(packages, app)) {
    const from = join(CHECKOUT, place);
    const to = join(folder, app, place);
    mkdirSync(dirname(to), { recursive: true });
    if (packages[place].link) {
      symlinkSync(posix.relative(posix.dirname(place), packages[place].resolved), to);
    } else if (place.includes('node_modules/')) {
      // What is optional may be made for another platform, and is not installed then.
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
  const [folder, ...apps] = process.argv.slice(2);
  if (folder === undefined || apps.length === 0) {
    console.error('Usage: node dev/scripts/stage-app.mjs FOLDER APP…');
    process.exit(2);
  }
  for (const app of apps) stageApp(folder, app);
}
