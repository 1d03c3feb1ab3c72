import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const INDENT = 14;

/**
 * The TypeScript modules in a folder, with the doc comment above the default export of each. `--help` shows
 * them without compiling anything.
 *
 * @param {string} folder
 * @returns {{ name: string, description: string[] }[]} in alphabetical order
 */
export function describedFiles(folder) {
  return readdirSync(folder)
    .filter((file) => /^[a-z-]+\.ts$/.test(file))
    .sort()
    .map((file) => ({
      name: file.replace('.ts', ''),
      description: descriptionIn(readFileSync(join(folder, file), 'utf8')),
    }));
}

/** @param {ReturnType<typeof describedFiles>} files */
export const formatDescriptions = (files) =>
  files
    .map(
      ({ name, description }) =>
        `  ${name.padEnd(INDENT - 2)}${description.join(`\n${' '.repeat(INDENT)}`)}`,
    )
    .join('\n');

/** @param {string} source */
function descriptionIn(source) {
  const [, comment = ''] = /\/\*\*\n((?: \* .*\n)+) \*\/\nexport default/.exec(source) ?? [];
  return comment
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^ \* /, ''));
}
