import { parseNatsServers } from '@latchkey/contracts';
import { credsAuthenticator, nkeyAuthenticator } from '@nats-io/transport-node';
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';
import { postgresUrl } from './postgres-url.js';
import { readTextFile } from './text-file.js';

export { oneOf, rule, together } from './environment-rule.js';
export { forbidsTls, postgresUrl, withAuthority } from './postgres-url.js';

/** Line breaks within, and what an editor does not show. `URL` drops some of them without a word. */
const INVISIBLE = /\p{C}/u;

/** Text that a function reads. It throws what to say, without any part of the text. */
export const readBy = <Result>(read: (text: string) => Result) =>
  z.string().transform((text, context) => {
    try {
      if (INVISIBLE.test(text.trim()))
        throw new TypeError('must hold no line break and no invisible character');
      return read(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

/** The pieces that environments of Latchkey's services are made of. Times are in seconds. */
export const port = z.coerce.number().int().min(0).max(65_535);
export const seconds = z.coerce
  .number()
  .positive()
  .max(10 * 365 * 86_400);
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
export const httpUrl = readBy((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || /\s/.test(text.trim()))
    throw new TypeError('must be an http or https URL');
  // `fetch` refuses a URL with them.
  if (url.username !== '' || url.password !== '')
    throw new TypeError('must hold no user and no password');
  return text.trim().replace(/\/+$/, '');
});
/** A file for `docker --env-file` that is written as for a shell leaves its quotes around a value. */
const isName = (name: string) => /^[^\s"'\p{C}]+$/u.test(name);
/** A name that others know as well: of a service, a client, or a user of NATS. Not for secrets. */
export const name = z
  .string()
  .trim()
  .refine(isName, 'must be a name without quotes, blanks and line breaks');
/** The name of one service, as it is in `aud`. */
export const audience = name;
/** Names of services. */
export const audiences = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .refine(
    (names) => names.every(isName),
    'must be names with commas between, without quotes, blanks and line breaks',
  );
export const databaseUrl = readBy(postgresUrl);
export const natsUrl = readBy((text) => parseNatsServers(text).servers.join(','));

/** RFC 1123 §2.1; Docker Compose adds underscores, and Kubernetes ends a full name with a dot. */
const HOST_NAME = /^(?=.{1,253}$)\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*\.?$/;
/** What a service listens on. An address with a scope (`fe80::1%eth0`) is one. */
const listenHost = z
  .string()
  .trim()
  .refine(
    (text) => isIP(text) !== 0 || (HOST_NAME.test(text) && !/^[\d.]+$/.test(text)),
    'must be an address such as 0.0.0.0 or ::, or a host name, without quotes, brackets and a port',
  );

/** The path of a file that is there. What it says is read by what needs it, perhaps again and again. */
const file = (check: (text: string) => unknown, what: string) =>
  readBy((path) => {
    const text = readTextFile(path);
    try {
      check(text);
    } catch {
      throw new TypeError(`${path} ${what}`);
    }
    return path;
  });
/** Node takes a file without any certificate for an authority that has signed nothing. */
export const certificateFile = file((text) => new X509Certificate(text), 'holds no certificate');
export const keyFile = file((text) => {
  if (!text.includes('PRIVATE KEY-----')) throw new TypeError();
}, 'holds no private key');

const bytes = (text: string) => new TextEncoder().encode(text);
const credsFile = file(
  (text) => credsAuthenticator(bytes(`${text}\n`))('nonce'),
  'holds no credentials',
);
const nkeySeed = z.string().refine((text) => {
  try {
    return text.startsWith('SU') && nkeyAuthenticator(bytes(text))('nonce') !== undefined;
  } catch {
    return false;
  }
}, "must be a user's seed, which begins with SU");

/** How a service reaches NATS. */
export const natsEnvironment = {
  NATS_URL: natsUrl,
  NATS_USER: name.optional(),
  NATS_PASSWORD: z.string().min(1).optional(),
  /** Instead of the system's authorities. These files are read again at each connection. */
  NATS_CA_FILE: certificateFile.optional(),
  NATS_CERT_FILE: certificateFile.optional(),
  NATS_KEY_FILE: keyFile.optional(),
  NATS_CREDS_FILE: credsFile.optional(),
  NATS_NKEY_SEED: nkeySeed.optional(),
};

/** What every service of Latchkey reads. */
export const serviceEnvironment = {
  HOST: listenHost.default('127.0.0.1'),
  PORT: port,
  /** Where health, metrics and documentation are, if not on `PORT`: a proxy must not forward it. */
  MANAGEMENT_PORT: port.optional(),
  /** Longer than a proxy takes to notice, shorter than what stops the process waits for it. */
  SHUTDOWN_DRAIN_SECONDS: z.coerce.number().min(0).max(300).default(0),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_URL: databaseUrl,
  DATABASE_CA_FILE: certificateFile.optional(),
  // Two at least: one holds the lock under which migrations run on another.
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(100).default(10),
  ...natsEnvironment,
  /** Exact `iss`: the auth service's public address, without a slash at its end. */
  ISSUER: httpUrl,
};

/** What {@link startService} needs of {@link serviceEnvironment}. */
export const listening = (env: {
  readonly HOST: string;
  readonly PORT: number;
  readonly MANAGEMENT_PORT?: number | undefined;
  readonly SHUTDOWN_DRAIN_SECONDS: number;
  readonly LOG_LEVEL: string;
}) => ({
  host: env.HOST,
  port: env.PORT,
  managementPort: env.MANAGEMENT_PORT,
  drainSeconds: env.SHUTDOWN_DRAIN_SECONDS,
  logLevel: env.LOG_LEVEL,
});
