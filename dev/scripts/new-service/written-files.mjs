import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CHECKOUT } from '../checkout.mjs';

/** Files of the checkout that a command writes, and takes back if it fails. */
export class WrittenFiles {
  /** @type {Map<string, Buffer | undefined>} what each file contained before; undefined if it did not exist */
  #before = new Map();
  /** @type {string[]} */
  #newFolders = [];

  /**
   * Remembers a file that something else is about to change.
   *
   * @param {string} path relative to the checkout
   */
  keep(path) {
    const file = join(CHECKOUT, path);
    if (!this.#before.has(file)) {
      this.#before.set(file, existsSync(file) ? readFileSync(file) : undefined);
    }
  }

  /** @param {{ path: string, text: string }[]} files */
  write(files) {
    for (const { path, text } of files) {
      this.keep(path);
      this.#makeFolder(dirname(join(CHECKOUT, path)));
      writeFileSync(join(CHECKOUT, path), text);
    }
  }

  /** Restores the files that existed, and removes those that did not, with their folders. */
  undo() {
    for (const [file, content] of this.#before) {
      if (content === undefined) rmSync(file, { force: true });
      else writeFileSync(file, content);
    }
    for (const folder of this.#newFolders.reverse()) rmdirSync(folder);
    this.#before.clear();
    this.#newFolders = [];
  }

  /** @param {string} folder */
  #makeFolder(folder) {
    if (existsSync(folder)) return;
    this.#makeFolder(dirname(folder));
    mkdirSync(folder);
    this.#newFolders.push(folder);
  }
}
