import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));
const LIBRARIES = ['verifier', 'verifier-nestjs', 'service-client', 'service-client-nestjs'];
const COMPILE_MILLISECONDS = 180_000;
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** The TypeScript examples of a README. The one in JavaScript is run with the packed libraries. */
function examplesIn(library: string): string[] {
  const text = readFileSync(join(CHECKOUT, 'libs', library, 'README.md'), 'utf8');
  const blocks = text.matchAll(/^```ts\n(.*?)^```/gms);
  return [...blocks].map(([, block = '']) => block);
}

/** Compiles files against the sources of the libraries. @returns what the compiler prints */
async function compile(folder: string): Promise<string> {
  const config = join(folder, 'tsconfig.json');
  const base = join(CHECKOUT, 'tsconfig.base.json');
  const compilerOptions = { types: ['node'] };
  writeFileSync(config, JSON.stringify({ extends: base, compilerOptions, include: ['.'] }));
  return new Promise((resolve) =>
    execFile(process.execPath, [TSC, '-p', config, '--pretty', 'false'], (_, stdout) =>
      resolve(stdout),
    ),
  );
}

describe.each(LIBRARIES)('the examples in the README of %s', (library) => {
  let folder: string;
  beforeEach(() => {
    // Inside the checkout, so that packages are found.
    const parent = join(CHECKOUT, '.latchkey');
    mkdirSync(parent, { recursive: true });
    folder = mkdtempSync(join(parent, 'readme-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it(
    'compile',
    async () => {
      const examples = examplesIn(library);
      expect(examples.length).toBeGreaterThan(0);
      for (const [index, example] of examples.entries())
        writeFileSync(join(folder, `example-${index}.mts`), example);
      expect(await compile(folder)).toBe('');
    },
    COMPILE_MILLISECONDS,
  );
});
