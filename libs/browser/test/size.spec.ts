import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Rolldown } from 'vite';

const LIMIT = 3_000;

/** The bundler of Vite, which builds the console. */
const vite = createRequire(import.meta.url).resolve('vite');
const { rolldown } = (await import(createRequire(vite).resolve('rolldown'))) as typeof Rolldown;

it(`adds at most ${LIMIT} bytes to a page, minified and compressed`, async () => {
  const input = fileURLToPath(new URL('../src/index.ts', import.meta.url));
  const bundle = await rolldown({ input });
  const { output } = await bundle.generate({ minify: true, sourcemapIgnoreList: false });
  expect(output).toHaveLength(1);
  expect(output[0].imports).toEqual([]);
  const bytes = gzipSync(output[0].code).length;
  expect(bytes).toBeGreaterThan(1_000);
  expect(bytes).toBeLessThanOrEqual(LIMIT);
});
