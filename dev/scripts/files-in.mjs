import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Finds the files of a folder and of those in it, in an order that does not depend on the machine.
 *
 * @param {string} folder
 * @returns {string[]} relative to the folder; none if it does not exist
 */
export function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
}
