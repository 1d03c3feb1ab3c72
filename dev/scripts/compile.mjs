#!/usr/bin/env node
/**
 * `node dev/scripts/compile.mjs [FOLDER…]` compiles the projects in these folders and those that they refer to, or
 * else all projects, unless their JavaScript is up to date. It checks no types: that takes ten times as long, and
 * `npm run check` does it.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT } from './checkout.mjs';
import { filesIn } from './files-in.mjs';
import { SetupError } from './setup-error.mjs';
import { SWC_OPTIONS } from './swc-options.mjs';

/** Holds the hash of the sources. It lies in `dist`, so whatever deletes or restores `dist` takes it along. */
const STAMP = '.compiled-from';
const NOT_COMPILED = /[.-]spec\.ts$|\.d\.ts$/;

/**
 * @param {string[]} folders relative to the checkout
 * @throws {SetupError} that names the file and the line if a source cannot be parsed
 */
export async function compile(folders = []) {
  // The packages are installed after this module is loaded.
  const { transform, version } = await import('@swc/core');
  const roots = folders.map((folder) => join(folder, 'tsconfig.build.json'));
  const projects = projectsOf(roots.length > 0 ? roots : ['tsconfig.json']);
  await Promise.all(projects.map((project) => compileProject(project, { transform, version })));
}

/** @param {string[]} configurations @returns {string[]} the folders of all projects that they refer to */
function projectsOf(configurations) {
  const found = new Set(configurations);
  // A set also visits what is added meanwhile.
  for (const file of found) {
    if (!existsSync(join(CHECKOUT, file)))
      throw new SetupError(`${dirname(file)} is not a project: it has no ${basename(file)}`);
    const { references = [] } = JSON.parse(readFileSync(join(CHECKOUT, file), 'utf8'));
    for (const { path } of references) found.add(join(dirname(file), path));
  }
  return [...found].map(dirname).filter((folder) => folder !== '.');
}

/**
 * @param {string} project
 * @param {Pick<typeof import('@swc/core'), 'transform' | 'version'>} swc
 */
async function compileProject(project, { transform, version }) {
  const [source, target] = ['src', 'dist'].map((folder) => join(CHECKOUT, project, folder));
  const files = filesIn(source).filter(
    (file) => /\.(?:ts|json)$/.test(file) && !NOT_COMPILED.test(file),
  );
  const texts = new Map(files.map((file) => [file, readFileSync(join(source, file), 'utf8')]));
  const wanted = createHash('sha256')
    .update(JSON.stringify([version, SWC_OPTIONS, ...texts]))
    .digest('hex');
  const stamp = join(target, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(stamp, { force: true });
  const written = new Set();
  const write = (/** @type {string} */ file, /** @type {string} */ text) => {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    writeFileSync(join(target, file), text);
    written.add(file);
  };
  const compileFile = async (/** @type {string} */ file, /** @type {string} */ text) => {
    if (file.endsWith('.json')) return write(file, text);
    const output = file.replace(/ts$/, 'js');
    const sourceFileName = relative(dirname(join(target, file)), join(source, file));
    const options = {
      ...SWC_OPTIONS,
      sourceMaps: true,
      filename: join(project, 'src', file),
      sourceFileName,
    };
    const { code, map = '' } = await transform(text, options).catch(rejected);
    write(output, `${code}//# sourceMappingURL=${output.split('/').at(-1)}.map\n`);
    write(`${output}.map`, map);
  };
  await Promise.all([...texts].map(([file, text]) => compileFile(file, text)));
  for (const file of filesIn(target))
    if (/\.js(?:\.map)?$/.test(file) && !written.has(file)) rmSync(join(target, file));
  writeFileSync(stamp, wanted);
}

/** @param {unknown} error @returns {never} */
function rejected(error) {
  throw new SetupError(
    `The source does not compile:\n${error instanceof Error ? error.message : error}`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await compile(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
