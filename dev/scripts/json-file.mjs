import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The file that `--json` names, or undefined. That it cannot be written is found out before the
 * work rather than after it, and ends with 2.
 *
 * @param {string | undefined} option
 */
export function jsonFile(option) {
  if (option === undefined) return undefined;
  // npm runs its scripts in the checkout, whatever the directory was that the user typed this in.
  const file = resolve(process.env.INIT_CWD ?? process.cwd(), option);
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
    return false; // whatever the reason is, the user has to name another file
  }
}
