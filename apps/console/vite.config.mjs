import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { compressed } from './compressed.mjs';

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the files work below any path.
  base: './',
  plugins: [react(), compressed()],
  // The sources of our libraries, so that the page can be built before they are compiled.
  resolve: { conditions: ['@latchkey/source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The Content-Security-Policy allows no fonts or styles in `data:` URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
    reportCompressedSize: false,
  },
});
