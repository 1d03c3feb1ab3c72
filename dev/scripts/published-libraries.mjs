import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';

/**
 * Lists the folders in `libs` whose packages are published: their package.json does not say `private`.
 *
 * @returns {string[]}
 */
export function publishedLibraries() {
  const manifestOf = (/** @type {string} */ name) => join(CHECKOUT, 'libs', name, 'package.json');
  return readdirSync(join(CHECKOUT, 'libs')).filter((name) => {
    if (!existsSync(manifestOf(name))) return false; // `libs/internal` is a folder of libraries
    return JSON.parse(readFileSync(manifestOf(name), 'utf8')).private !== true;
  });
}
