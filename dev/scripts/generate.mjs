#!/usr/bin/env node
/** `npm run generate` writes the files that follow from deploy/services.json. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';
import { readOptions } from './read-options.mjs';
import { generatedFiles } from './services/generated-files.mjs';
import { readServices } from './services/services.mjs';
import { SetupError } from './setup-error.mjs';

const HELP = `Usage: npm run generate [-- options]

Writes the files that follow from deploy/services.json: the configuration of NATS, Postgres, Compose, Caddy and
Prometheus, and the list of services of the local stack. Their templates are in deploy/templates.

Options:
  --check  write nothing; exit with 1 if a file is out of date
  --help   show this text
`;

const { check } = readOptions(HELP, { check: { type: 'boolean', default: false } });
try {
  const outdated = (await generatedFiles(readServices())).filter(
    ({ path, text }) => textOf(path) !== text,
  );
  if (!check) outdated.forEach(({ path, text }) => writeFileSync(join(CHECKOUT, path), text));
  for (const { path } of outdated) console.log(check ? `${path} is out of date` : `wrote ${path}`);
  if (outdated.length === 0) console.log('All generated files are up to date.');
  else if (check) throw new SetupError('Run: npm run generate');
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** @param {string} path */
function textOf(path) {
  const file = join(CHECKOUT, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
