import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../checkout.mjs';

/**
 * Reads deploy/services.json with Node's own modules, for the commands that need containers and no npm install.
 * `npm run generate` validates the file.
 *
 * @type {Record<string, { port: number, sampleRoute: string }>}
 */
export const LISTED_SERVICES = JSON.parse(
  readFileSync(join(CHECKOUT, 'deploy', 'services.json'), 'utf8'),
).services;
