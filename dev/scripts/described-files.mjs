import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Finds the TypeScript modules in a folder, with the doc comment of each default export. `--help` shows the
 * comments without compiling anything.
 *
 * @param {string} folder
 * @returns {{ name: string, description: string[] }[]} in alphabetical order
 */
export function describedFiles(folder) {
  return readdirSync(folder)
    .filter((file) => /^[a-z-]+\.ts$/.test(file))
    .map((file) => file.replace('.ts', ''))
    .sort()
    .map((name) => ({
      name,
      description: descriptionIn(readFileSync(join(folder, `${name}.ts`), 'utf8')),
    }));
}

/** @param {ReturnType<typeof describedFiles>} files */
export function formatDescriptions(files) {
  const width = Math.max(...files.map(({ name }) => name.length)) + 2;
  const separator = `\n${' '.repeat(width + 2)}`;
  return files
    .map(({ name, description }) => `  ${name.padEnd(width)}${description.join(separator)}`)
    .join('\n');
}

/** @param {string} source */
function descriptionIn(source) {
  const [, comment = ''] = /\/\*\*\n((?: \* .*\n)+) \*\/\nexport default/.exec(source) ?? [];
  return comment
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^ \* /, ''));
}
