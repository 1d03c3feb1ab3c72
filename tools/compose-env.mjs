#!/usr/bin/env node
/**
 * Writes `.env` for docker-compose.yml: a fresh secret per variable, readable by its owner only.
 * An existing `.env` is kept, since the database volumes were made with its passwords.
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../.env', import.meta.url));
const services = ['AUTH', 'ORDERS', 'INVENTORY', 'PAYMENTS'];

// Hex with a leading letter: safe inside URLs and never read as a number by nats-server.
const secret = () => `s${randomBytes(24).toString('hex')}`;
const lines = [
  `POSTGRES_PASSWORD=${secret()}`,
  ...services.map((name) => `${name}_DATABASE_PASSWORD=${secret()}`),
  ...services.map((name) => `NATS_${name}_PASSWORD=${secret()}`),
  `KEY_ENCRYPTION_KEY=${randomBytes(32).toString('base64url')}`,
  `INITIAL_ADMIN_PASSWORD=${secret()}`,
];

try {
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' });
} catch (error) {
  if (error.code !== 'EEXIST') throw error;
  console.error('.env exists already and was left as it is: the volumes know its passwords.');
  console.error('To start over: docker compose down --volumes, delete .env, run this again.');
  process.exit(1);
}
console.log(
  'Wrote .env. The first admin is "admin"; the password is INITIAL_ADMIN_PASSWORD there.',
);
console.log('Next: docker compose up --build --scale orders=4');
