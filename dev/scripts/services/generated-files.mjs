/** Derives everything that follows from the services file, and renders the files in which it is written. */
import ejs from 'ejs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { CHECKOUT } from '../checkout.mjs';
import { SERVICES_FILE, servicesSchema } from './services.mjs';

/** @typedef {import('./services.mjs').Services} Services */

/** A NATS account of the local stack for a service that is not in the file, such as one that a reader tries out. */
const SPARE = { name: 'spare', NAME: 'SPARE' };

/**
 * The files, and the templates in deploy/templates from which they are rendered.
 *
 * @type {{ path: string, template: string, further?: object[] }[]}
 */
const FILES = [
  { path: 'docker-compose.yml', template: 'docker-compose.yml.ejs' },
  { path: 'deploy/Caddyfile', template: 'Caddyfile.ejs' },
  { path: 'deploy/Caddyfile.one-origin', template: 'Caddyfile.one-origin.ejs' },
  { path: 'deploy/nats.conf', template: 'nats.conf.ejs' },
  { path: 'deploy/postgres-databases.sh', template: 'postgres-databases.sh.ejs' },
  { path: 'deploy/prometheus.yml', template: 'prometheus.yml.ejs' },
  { path: 'dev/local-stack/nats.conf', template: 'nats.conf.ejs', further: [SPARE] },
  { path: 'dev/local-stack/src/stack/services.ts', template: 'services.ts.ejs' },
];
const SCHEMA = 'deploy/services.schema.json';

/** Connections of one replica: the pools of auth (10 + 3 + 4), and the pool of any other service. */
const AUTH_CONNECTIONS = 17;
const SERVICE_CONNECTIONS = 10;
const AUTH_REPLICAS = 2;
/** Postgres reserves three of its connections for superusers. */
const SUPERUSER_CONNECTIONS = 3;

/** Connections to NATS that the replicas of a service can open, and those left for auth. */
const VERIFIER_NATS_CONNECTIONS = 1_250;
const AUTH_NATS_CONNECTIONS = 346;

/**
 * @param {Services} services
 * @returns {Promise<{ path: string, text: string }[]>} paths are relative to the checkout
 */
export async function generatedFiles(services) {
  const rendered = FILES.map(({ path, template, further = [] }) => ({
    path,
    text: render(template, { ...model(services, further), generated: noteOn(template) }),
  }));
  const schema = { path: SCHEMA, text: JSON.stringify(servicesSchema()) };
  return Promise.all([...rendered, schema].map((file) => formatted(file)));
}

/** @param {string} template */
const noteOn = (template) =>
  `Generated from ${SERVICES_FILE} and deploy/templates/${template} by: npm run generate`;

/**
 * @param {string} template
 * @param {object} values
 */
function render(template, values) {
  const filename = join(CHECKOUT, 'deploy', 'templates', template);
  // None of the files is HTML, so nothing is escaped. The values match the patterns of the services file.
  return ejs.render(readFileSync(filename, 'utf8'), values, { filename, escape: String });
}

/**
 * Formats a file as `npm run format` would.
 *
 * @param {{ path: string, text: string }} file
 * @param {import('prettier').Options} [more]
 */
export async function formatted({ path, text }, more = {}) {
  const filepath = join(CHECKOUT, path);
  const { inferredParser } = await prettier.getFileInfo(filepath);
  if (inferredParser === null) return { path, text };
  const options = await prettier.resolveConfig(filepath);
  return { path, text: await prettier.format(text, { ...options, ...more, filepath }) };
}

/**
 * The values that templates can use.
 *
 * @param {Services} file
 * @param {object[]} further accounts that verify, in addition to the services
 */
function model(file, further) {
  const services = Object.entries(file).map(([name, service]) => ({
    ...service,
    name,
    NAME: name.toUpperCase(),
    connections: SERVICE_CONNECTIONS * service.maxReplicas,
    callees: calleesOf(service).map((callee) => ({
      name: callee,
      NAME: callee.toUpperCase(),
      port: file[callee]?.port,
    })),
  }));
  const scaled = services.filter(({ maxReplicas }) => maxReplicas > 1);
  return {
    file,
    services,
    verifiers: [...services, ...further],
    connections: connectionsOf(services),
    natsConnections: {
      verifier: VERIFIER_NATS_CONNECTIONS,
      total: AUTH_NATS_CONNECTIONS + VERIFIER_NATS_CONNECTIONS * (services.length + further.length),
    },
    idempotentRoutes: services.flatMap(({ idempotentRoutes }) => idempotentRoutes),
    scale: scaled.map(({ name, maxReplicas }) => ` --scale ${name}=${maxReplicas}`).join(''),
    audienceOf: (/** @type {{ name: string, scopes: Record<string, string[]> }} */ service) =>
      `${JSON.stringify(service.name)}:${JSON.stringify(Object.values(service.scopes).flat())}`,
    sampleRouteOf: (/** @type {string} */ name) => file[name]?.sampleRoute,
    userScopes: services.flatMap(({ scopes }) => scopes.user),
    adminScopes: services.flatMap(({ scopes }) => scopes.admin),
    clientOf,
  };
}

/** @param {import('./services.mjs').Service} service */
const calleesOf = ({ callsForUsers, callsAsItself }) => [
  ...new Set([...Object.keys(callsForUsers), ...Object.keys(callsAsItself)]),
];

/** @param {{ connections: number }[]} services */
function connectionsOf(services) {
  const auth = AUTH_CONNECTIONS * AUTH_REPLICAS;
  const total = services.reduce((sum, { connections }) => sum + connections, auth);
  const needed = total + SUPERUSER_CONNECTIONS;
  return { auth, total, needed, allowed: Math.ceil(needed / 100) * 100 };
}

/**
 * An entry of auth's OAUTH_CLIENTS. Compose puts the hash of the secret in.
 *
 * @param {import('./services.mjs').Service & { name: string, NAME: string }} service
 */
function clientOf({ name, NAME, callsForUsers, callsAsItself }) {
  const scopes = Object.values(callsAsItself).flat();
  return JSON.stringify({
    clientId: name,
    secretSha256: `\${${NAME}_CLIENT_SECRET_SHA256:?}`,
    ...(scopes.length > 0 && { scopes }),
    ...(Object.keys(callsForUsers).length > 0 && { exchange: callsForUsers }),
  });
}
