#!/usr/bin/env node
import { existsSync } from 'node:fs';

// npm links this file when a clone is installed, which is before anything is compiled.
const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('latchkey: this clone is not compiled; run `npm run build` in it first');
  process.exitCode = 2;
}
