import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const COMPRESSIBLE = /\.(?:js|css|html|svg|md)$/;
/** A smaller file costs more in headers than it saves. */
const WORTHWHILE_BYTES = 1_024;

/**
 * Writes a gzip and a Brotli file next to each file of the build, so that a server does not compress per request.
 *
 * @returns {import('vite').Plugin}
 */
export function compressed() {
  return {
    name: 'latchkey:compressed',
    apply: 'build',
    writeBundle: ({ dir }) => {
      if (dir === undefined) throw new Error('The build has no output folder');
      const files = readdirSync(dir, { recursive: true, encoding: 'utf8' });
      for (const file of files.filter((name) => COMPRESSIBLE.test(name))) {
        const content = readFileSync(join(dir, file));
        if (content.length < WORTHWHILE_BYTES) continue;
        writeFileSync(join(dir, `${file}.gz`), gzipSync(content, { level: 9 }));
        writeFileSync(join(dir, `${file}.br`), brotliCompressSync(content, BROTLI(content.length)));
      }
    },
  };
}

/** @param {number} bytes */
const BROTLI = (bytes) => ({
  params: {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes,
  },
});
