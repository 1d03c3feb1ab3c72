import { resolve } from 'node:path';

/**
 * Resolves a path that the user typed. npm runs scripts in the checkout, and puts the user's directory in `INIT_CWD`.
 *
 * @param {string} path
 */
export function fromUserDirectory(path) {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}
