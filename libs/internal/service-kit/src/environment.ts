import { parseNatsServers } from '@latchkey/contracts';
import { credsAuthenticator, nkeyAuthenticator } from '@nats-io/transport-node';
import { X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { headerPairs, keyValuePairs } from './key-value-pairs.js';
import { parseOrigins } from './origins.js';
import { postgresUrl } from './postgres-url.js';
import { readTextFile } from './text-file.js';
import { SAMPLERS, tracingOptions, type TracingEnvironment } from './tracing/tracing-options.js';

export { oneOf, rule, together } from './environment-rule.js';
export { forbidsTls, postgresUrl, withAuthority } from './postgres-url.js';

/** Line breaks and characters that an editor does not show. `URL` silently drops some of them. */
const INVISIBLE = /\p{C}/u;

/** Text that `read` parses. Its errors become messages, so they must not quote the text: it may be a secret. */
export const readBy = <Result>(read: (text: string) => Result) =>
  z.string().transform((text, context) => {
    try {
      if (INVISIBLE.test(text.trim()))
        throw new TypeError('must not contain line breaks or invisible characters');
      return read(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

/** Building blocks for the environments of Latchkey's services. Times are in seconds. */
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
  // `fetch` refuses a URL with credentials.
  if (url.username !== '' || url.password !== '')
    throw new TypeError('must not contain a user or password');
  return text.trim().replace(/\/+$/, '');
});
/** `docker --env-file` keeps the quotes of a file that was written for a shell. */
const isName = (name: string) => /^[^\s"'\p{C}]+$/u.test(name);
/** The name of a service, a client or a NATS user. Not for secrets. */
export const name = z
  .string()
  .trim()
  .refine(isName, 'must be a name without quotes, spaces or line breaks');
/** The name of a service, as in `aud`. */
export const audience = name;
/** A comma-separated list of service names. */
export const audiences = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .refine(
    (names) => names.every(isName),
    'must be a comma-separated list of names without quotes, spaces or line breaks',
  );
export const databaseUrl = readBy(postgresUrl);
/** A comma-separated list of web origins, in the form in which browsers send them. */
export const origins = readBy(parseOrigins);
export const natsUrl = readBy((text) => parseNatsServers(text).servers.join(','));

/** RFC 1123 §2.1; Docker Compose adds underscores, and Kubernetes ends a full name with a dot. */
const HOST_NAME = /^(?=.{1,253}$)\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*\.?$/;
/** The address to listen on; it may have a scope (`fe80::1%eth0`). */
const listenHost = z
  .string()
  .trim()
  .refine(
    (text) => isIP(text) !== 0 || (HOST_NAME.test(text) && !/^[\d.]+$/.test(text)),
    'must be an address such as 0.0.0.0 or ::, or a host name, without quotes, brackets or a port',
  );

/** The path of a file whose content passes `check`. Consumers read the file themselves, some at each connection. */
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
/** Node accepts a file without a certificate, and then trusts no server at all. */
export const certificateFile = file((text) => new X509Certificate(text), 'contains no certificate');
export const keyFile = file((text) => {
  if (!text.includes('PRIVATE KEY-----')) throw new TypeError();
}, 'contains no private key');

/** The folder of a built page, with its `index.html`. */
export const pageDirectory = readBy((path) => {
  if (!isFile(join(path, 'index.html')))
    throw new TypeError(`${path} has no index.html: build the page first, or correct the path`);
  return resolve(path);
});
const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

const bytes = (text: string) => new TextEncoder().encode(text);
const credsFile = file(
  (text) => credsAuthenticator(bytes(`${text}\n`))('nonce'),
  'contains no credentials',
);
const nkeySeed = z.string().refine((text) => {
  try {
    return text.startsWith('SU') && nkeyAuthenticator(bytes(text))('nonce') !== undefined;
  } catch {
    return false;
  }
}, 'must be the seed of a user nkey, which starts with SU');

/** The connection to NATS. */
export const natsEnvironment = {
  NATS_URL: natsUrl,
  NATS_USER: name.optional(),
  NATS_PASSWORD: z.string().min(1).optional(),
  /** Replaces the system's certificate authorities. All of these files are read again at each connection. */
  NATS_CA_FILE: certificateFile.optional(),
  NATS_CERT_FILE: certificateFile.optional(),
  NATS_KEY_FILE: keyFile.optional(),
  NATS_CREDS_FILE: credsFile.optional(),
  NATS_NKEY_SEED: nkeySeed.optional(),
};

/** Traces, named as the OpenTelemetry specification names them. They are off without an endpoint. */
export const tracingEnvironment = {
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.enum(['http/protobuf', 'http/json']).default('http/protobuf'),
  OTEL_EXPORTER_OTLP_HEADERS: readBy(headerPairs).optional(),
  /** The timeout in milliseconds, with all attempts. */
  OTEL_EXPORTER_OTLP_TIMEOUT: z.coerce.number().int().min(1).max(600_000).default(10_000),
  OTEL_SERVICE_NAME: name.optional(),
  OTEL_RESOURCE_ATTRIBUTES: readBy(keyValuePairs).optional(),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  /** In milliseconds. */
  OTEL_BSP_SCHEDULE_DELAY: z.coerce.number().int().min(1).max(600_000).default(5_000),
  OTEL_BSP_MAX_QUEUE_SIZE: z.coerce.number().int().min(1).max(100_000).default(2_048),
  OTEL_SDK_DISABLED: flag.prefault('false'),
};

/** The variables of every Latchkey service. */
export const serviceEnvironment = {
  HOST: listenHost.default('127.0.0.1'),
  PORT: port,
  /** A separate port for health, metrics and documentation, which a proxy must not forward. Default: `PORT`. */
  MANAGEMENT_PORT: port.optional(),
  /** Longer than a proxy takes to notice, shorter than the grace period of the process manager. */
  SHUTDOWN_DRAIN_SECONDS: z.coerce.number().min(0).max(300).default(0),
  /** The origins whose pages may call this service from a browser. */
  CORS_ORIGINS: origins.default([]),
  /** Whether `GET /live/events` streams the service's state, on the management port if there is one. */
  LIVE_EVENTS: flag.prefault('false'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_URL: databaseUrl,
  DATABASE_CA_FILE: certificateFile.optional(),
  // Migrations need two: one connection holds the lock while they run on another.
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(100).default(10),
  ...natsEnvironment,
  ...tracingEnvironment,
  /** The exact `iss` of tokens: the auth service's public address without a trailing slash. */
  ISSUER: httpUrl,
};

/** Converts {@link serviceEnvironment} to options of {@link startService}. */
export const listening = (
  env: TracingEnvironment & {
    readonly HOST: string;
    readonly PORT: number;
    readonly MANAGEMENT_PORT?: number | undefined;
    readonly SHUTDOWN_DRAIN_SECONDS: number;
    readonly CORS_ORIGINS: readonly string[];
    readonly LIVE_EVENTS: boolean;
    readonly LOG_LEVEL: string;
  },
) => ({
  host: env.HOST,
  port: env.PORT,
  managementPort: env.MANAGEMENT_PORT,
  drainSeconds: env.SHUTDOWN_DRAIN_SECONDS,
  corsOrigins: env.CORS_ORIGINS,
  liveEvents: env.LIVE_EVENTS,
  logLevel: env.LOG_LEVEL,
  tracing: tracingOptions(env),
});
