/** Reads deploy/services.json, the one file that says which services there are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CHECKOUT } from '../checkout.mjs';
import { SetupError } from '../setup-error.mjs';
import { complaintsAbout } from './complaints.mjs';

export const SERVICES_FILE = 'deploy/services.json';

/** Other parts of the stack, databases and roles that Postgres has by itself, and members of every object. */
export const RESERVED_NAMES = [
  ...['auth', 'latchkey', 'nats', 'postgres', 'proxy', 'redis', 'sessions', 'spare'],
  ...['constructor', 'localhost', 'none', 'public', 'template0', 'template1'],
];

/** The name becomes a host, a database, a NATS user, an audience, an OAuth client and part of variables. */
const Name = z
  .string()
  .max(30)
  .regex(/^[a-z][a-z0-9]*$/, 'must be a lower-case letter followed by lower-case letters or digits')
  .refine((name) => !RESERVED_NAMES.includes(name), 'is reserved for another part of the stack');

const Route = z
  .string()
  .regex(/^(?:\/[a-z0-9]+(?:-[a-z0-9]+)*)+$/, 'must be a path such as /orders');
const Scope = z
  .string()
  .regex(/^[a-z][a-z0-9]*:[a-z][a-z0-9-]*$/, 'must be a scope such as orders:read');

const Service = z.strictObject({
  port: z
    .int()
    .min(1024)
    .max(65_535)
    .describe(
      'The port of the service and of its proxy. Further local replicas take the ports after it.',
    ),
  sampleRoute: Route.describe(
    'A GET route that every user may call. The tour and the tests try tokens on it.',
  ),
  idempotentRoutes: z
    .array(Route)
    .default([])
    .describe('Routes that remember Idempotency-Key, so that the proxy may repeat a request.'),
  localReplicas: z
    .int()
    .min(1)
    .max(9)
    .default(1)
    .describe('The number of replicas that npm start and the tests run.'),
  maxReplicas: z
    .int()
    .min(1)
    .max(50)
    .default(1)
    .describe('The number of deployed replicas for which the database role has connections.'),
  scopes: z
    .strictObject({
      user: z.array(Scope).default([]).describe('Granted to every user.'),
      admin: z.array(Scope).default([]).describe('Granted to administrators.'),
      service: z.array(Scope).default([]).describe('Never granted to users, only to services.'),
    })
    .describe('What a token for this service can allow. Each scope begins with its name.'),
  callsForUsers: z
    .record(Name, z.array(Scope).min(1))
    .default({})
    .describe('The services that it calls on behalf of users (token exchange), with these scopes.'),
  callsAsItself: z
    .record(Name, z.array(Scope).min(1))
    .default({})
    .describe('The services that it calls as itself (client credentials), with these scopes.'),
});

/** @typedef {z.infer<typeof Service>} Service */
/** @typedef {Record<string, Service>} Services */

/** @type {z.core.$ZodErrorMap} zod would only say that a key is invalid, and not why */
function wrongName({ code, issues }) {
  if (code !== 'invalid_key') return undefined;
  return `the name ${issues.map(({ message }) => message).join(', and ')}`;
}

/** `$schema` lets editors explain each setting. */
const ServicesFile = z.strictObject({
  $schema: z.string().optional(),
  services: z.record(Name, Service, { error: wrongName }).superRefine((services, context) => {
    for (const { name, message } of complaintsAbout(services))
      context.addIssue({ code: 'custom', path: [name], message });
  }),
});

/** @returns {object} the JSON schema of the file */
export const servicesSchema = () => z.toJSONSchema(ServicesFile, { io: 'input' });

/**
 * @returns {Services} in the order of the file
 * @throws {SetupError} that names every mistake in the file
 */
export function readServices(file = join(CHECKOUT, SERVICES_FILE)) {
  return parseServices(readFileSync(file, 'utf8'));
}

/**
 * @param {string} name
 * @returns {string | undefined} why no service can have this name
 */
export function complaintAboutName(name) {
  const { error } = Name.safeParse(name);
  return error?.issues.map(({ message }) => message).join(', and ');
}

/**
 * @param {string} text
 * @param {string} complaint begins the message of the error
 * @returns {Services}
 * @throws {SetupError}
 */
export function parseServices(text, complaint = `${SERVICES_FILE} is wrong`) {
  let json;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SetupError(`${SERVICES_FILE} is not JSON: ${/** @type {Error} */ (error).message}`);
  }
  const { success, data, error } = ServicesFile.safeParse(json);
  if (!success) throw new SetupError(`${complaint}:\n${z.prettifyError(error)}`);
  return data.services;
}
