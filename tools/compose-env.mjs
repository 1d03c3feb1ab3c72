#!/usr/bin/env node
/**
 * Writes `.env` for docker-compose.yml: a fresh secret per variable, readable by its owner only.
 * What an existing `.env` says is kept, since the database volumes were made with its passwords;
 * only what it lacks is added.
 */
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../.env', import.meta.url));
const services = ['AUTH', 'ORDERS', 'INVENTORY', 'PAYMENTS'];
const clients = ['ORDERS', 'INVENTORY', 'PAYMENTS'];

// Hex with a leading letter: safe inside URLs and never read as a number by nats-server.
const secret = () => `s${randomBytes(24).toString('hex')}`;

/** @type {Record<string, () => string>} */
const wanted = {
  POSTGRES_PASSWORD: secret,
  ...Object.fromEntries(services.map((name) => [`${name}_DATABASE_PASSWORD`, secret])),
  ...Object.fromEntries(services.map((name) => [`NATS_${name}_PASSWORD`, secret])),
  ...Object.fromEntries(clients.map((name) => [`${name}_CLIENT_SECRET`, secret])),
  REDIS_PASSWORD: secret,
  KEY_ENCRYPTION_KEY: () => randomBytes(32).toString('base64url'),
  INITIAL_ADMIN_PASSWORD: secret,
};

const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
/** @type {Map<string, string>} */
const values = new Map();
for (const line of before.split('\n')) {
  const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
  if (name !== undefined && value !== undefined) values.set(name, value);
}
const added = [];
for (const [name, make] of Object.entries(wanted)) if (!values.has(name)) add(name, make());
for (const client of clients) {
  const hash = createHash('sha256').update(values.get(`${client}_CLIENT_SECRET`) ?? '');
  const name = `${client}_CLIENT_SECRET_SHA256`;
  if (!values.has(name)) add(name, hash.digest('hex'));
}

/** @param {string} name @param {string} value */
function add(name, value) {
  values.set(name, value);
  added.push(`${name}=${value}`);
}

if (before !== '' && added.length === 0) {
  console.error('.env exists already and was left as it is: the volumes know its passwords.');
  console.error('To start over: docker compose down --volumes, delete .env, run this again.');
  process.exit(1);
}
const separator = before === '' || before.endsWith('\n') ? '' : '\n';
appendFileSync(file, `${separator}${added.join('\n')}\n`, { mode: 0o600 });
chmodSync(file, 0o600);
if (before === '') {
  console.log(
    'Wrote .env. The first admin is "admin"; the password is INITIAL_ADMIN_PASSWORD there.',
  );
} else {
  const names = added.map((line) => line.split('=')[0]).join(', ');
  console.log(`Added what .env lacked: ${names}. What it had is unchanged.`);
}
console.log('Next: docker compose up --build --scale orders=4');
