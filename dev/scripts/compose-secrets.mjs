import { createHash, randomBytes } from 'node:crypto';

const services = ['AUTH', 'ORDERS', 'INVENTORY', 'PAYMENTS'];
const clients = ['ORDERS', 'INVENTORY', 'PAYMENTS'];

// Hex digits are safe inside URLs, and a leading letter keeps nats-server from reading them as a number.
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

/**
 * Makes a fresh secret for each variable that an environment file for docker-compose.yml lacks.
 *
 * @param {string} text the contents of the file
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
  const add = (/** @type {string} */ name, /** @type {() => string} */ make) => {
    if (values.has(name)) return;
    values.set(name, make());
    added.push(`${name}=${values.get(name)}`);
  };
  for (const [name, make] of Object.entries(wanted)) add(name, make);
  for (const client of clients) {
    const hash = createHash('sha256').update(values.get(`${client}_CLIENT_SECRET`) ?? '');
    add(`${client}_CLIENT_SECRET_SHA256`, () => hash.digest('hex'));
  }
  return added;
}
