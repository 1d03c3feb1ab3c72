#!/usr/bin/env node
/**
 * `node dev/scripts/import-cycles.mjs` fails if modules of a project import each other, even if only for types.
 * Lint's `import-x/no-cycle` does not follow `import type`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { CHECKOUT } from './checkout.mjs';

/**
 * @param {Map<string, string[]>} imports the modules that each module imports
 * @returns {string[][]} the groups of modules that import each other, directly or through others
 */
export function importCycles(imports) {
  /** @type {Map<string, number>} */
  const order = new Map();
  /** @type {string[]} */
  const stack = [];
  /** @type {string[][]} */
  const cycles = [];
  // Tarjan's algorithm: a module that reaches no earlier one completes its group.
  const visit = (/** @type {string} */ module) => {
    order.set(module, order.size);
    let low = order.size - 1;
    stack.push(module);
    for (const next of imports.get(module) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (stack.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    if (low !== order.get(module)) return low;
    const group = stack.splice(stack.indexOf(module));
    if (group.length > 1 || imports.get(module)?.includes(module)) cycles.push(group);
    return low;
  };
  for (const module of imports.keys()) if (!order.has(module)) visit(module);
  return cycles;
}

/** @param {string} file */
function relativeImports(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => join(dirname(file), name.replace(/\.js$/, '.ts')))
    .map((path) => (existsSync(path) ? path : path.replace(/\.ts$/, '.tsx')));
}

function sources() {
  return ['apps', 'libs', 'dev'].flatMap((folder) =>
    readdirSync(join(CHECKOUT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path) && !/(^|\/)(dist|node_modules)\//.test(path))
      .map((path) => join(CHECKOUT, folder, path)),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const cycles = importCycles(new Map(sources().map((file) => [file, relativeImports(file)])));
  for (const cycle of cycles) {
    console.log(`These modules import each other:`);
    for (const module of cycle.sort()) console.log(`  ${relative(CHECKOUT, module)}`);
  }
  if (cycles.length > 0) console.log('Move the code that they share to a separate module.');
  process.exit(cycles.length === 0 ? 0 : 1);
}
