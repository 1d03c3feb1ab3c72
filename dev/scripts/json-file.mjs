import { closeSync, openSync } from 'node:fs';
import { fromUserDirectory } from './user-directory.mjs';

/**
 * Resolves the file that `--json` names. Exits with 2 if it cannot be written, before any work is done.
 *
 * @param {string | undefined} option
 * @returns {string | undefined} undefined without the option
 */
export function jsonFile(option) {
  if (option === undefined) return undefined;
  const file = fromUserDirectory(option);
  if (canWrite(file)) return file;
  console.error(`--json: ${file} cannot be written. Name a file in a folder that exists.`);
  process.exit(2);
}

/** @param {string} path */
function canWrite(path) {
  try {
    closeSync(openSync(path, 'a'));
    return true;
  } catch {
    return false; // for any reason, the user has to name another file
  }
}
