import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';

// Hex digits are safe inside URLs, and a leading letter keeps nats-server from reading them as a number.
const secret = () => `s${randomBytes(24).toString('hex')}`;
const encryptionKey = () => randomBytes(32).toString('base64url');

/** Variables with a default can be left out. */
const REQUIRED_VARIABLE = /\$\{(\w+)(?::\?[^}]*)?\}/g;
const HASH_OF_SECRET = /^(\w+)_SHA256$/;

/**
 * Makes a fresh secret for each variable of docker-compose.yml that its environment file lacks.
 *
 * @param {string} text the contents of the environment file
 * @returns {string[]} the lines to add
 */
export function missingSecrets(text) {
  /** @type {Map<string, string>} */
  const values = new Map();
  for (const line of text.split('\n')) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, value);
  }
  /** @type {string[]} */
  const added = [];
  const valueOf = (/** @type {string} */ name) => {
    const present = values.get(name);
    if (present !== undefined) return present;
    const value = makeValue(name, valueOf);
    values.set(name, value);
    added.push(`${name}=${value}`);
    return value;
  };
  requiredVariables().forEach(valueOf);
  return added;
}

/**
 * @param {string} name
 * @param {(name: string) => string} valueOf
 */
function makeValue(name, valueOf) {
  const [, hashed] = HASH_OF_SECRET.exec(name) ?? [];
  if (hashed !== undefined) return createHash('sha256').update(valueOf(hashed)).digest('hex');
  return name === 'KEY_ENCRYPTION_KEY' ? encryptionKey() : secret();
}

function requiredVariables() {
  const compose = readFileSync(join(CHECKOUT, 'docker-compose.yml'), 'utf8');
  return new Set([...compose.matchAll(REQUIRED_VARIABLE)].map(([, name = '']) => name));
}
