import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const LIMIT = 3_000;

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
