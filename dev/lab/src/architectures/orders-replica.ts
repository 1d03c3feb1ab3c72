import {
  reservePort,
  ServiceProcess,
  temporaryDirectory,
  type Launcher,
} from '@latchkey/local-stack';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { architectureOf, type ArchitectureId } from './architecture.js';
import type { SharedParts } from './shared-parts.js';

/** Built, since a service runs it; found from the sources of a test as well. */
const PRELOAD = fileURLToPath(
  new URL('../../dist/architectures/exchange-guard.js', import.meta.url),
);
const ENTRY = fileURLToPath(new URL('../../../../apps/orders/dist/main.js', import.meta.url));

/** A connection of a replica that a proxy can be put into. */
export type SharedLeg = 'session-store' | 'auth' | 'nats';

export interface ReplicaOptions {
  readonly processes: Launcher;
  readonly parts: SharedParts;
  readonly architecture: ArchitectureId;
  /** For messages and logs. Default the architecture. */
  readonly name?: string;
  /** Another URL for a leg: that of a proxy before the one given. */
  readonly through?: (leg: SharedLeg, url: string) => string;
  /** How long introspection may take, where auth is slow on purpose. Default 2000. */
  readonly askMilliseconds?: number;
  /** Beside and instead of what the architecture needs. */
  readonly env?: Readonly<Record<string, string>>;
  /** For Node.js itself. */
  readonly nodeFlags?: readonly string[];
}

/** The service `orders` as it is built, under one architecture; to be started. */
export async function ordersReplica(options: ReplicaOptions): Promise<ServiceProcess> {
  const { processes, architecture, name = architecture, env, nodeFlags } = options;
  return new ServiceProcess({
    processes,
    name,
    entry: ENTRY,
    port: (await reservePort()).port,
    logDirectory: temporaryDirectory(processes),
    env: { ...commonEnvironment(options), ...protection(options), ...env },
    readyTimeoutMs: 60_000,
    ...(nodeFlags && { nodeFlags }),
  });
}

function commonEnvironment({ parts: { stack }, through = direct }: ReplicaOptions) {
  const { replicas, issuer } = stack;
  return {
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
    DATABASE_URL: stack.postgres.url('orders'),
    INVENTORY_URL: replicas.inventory.url,
    PAYMENTS_URL: replicas.payments.url,
    ISSUER: issuer,
    JWKS_URL: through('auth', `${issuer}/.well-known/jwks.json`),
  };
}

const direct = (_: SharedLeg, url: string) => url;

function protection(options: ReplicaOptions): Record<string, string> {
  switch (options.architecture) {
    case 'jwt':
      return tokens(options);
    case 'jwt-new':
      // Remembers no signature, so that each token is verified in full whenever it comes.
      return { ...tokens(options), CACHED_TOKENS: '0' };
    case 'session-redis':
    case 'session-postgres':
      return sessions(options);
    case 'unprotected':
    case 'passport-jwt':
    case 'introspection':
      return exchanged(options);
  }
}

/** Verified by the service itself, with the feed of log-outs. */
function tokens({ parts: { stack }, through = direct }: ReplicaOptions) {
  const { servers, user, pass } = stack.natsCredentials('orders');
  return {
    AUTH_MODE: 'jwt',
    WHEN_STALE: 'accept',
    NATS_URL: servers.map((url) => through('nats', url)).join(','),
    NATS_USER: user,
    NATS_PASSWORD: pass,
  };
}

function sessions({ parts, architecture, through = direct }: ReplicaOptions) {
  const url = architecture === 'session-redis' ? parts.redis?.url : parts.sessionPostgresUrl;
  if (url === undefined) throw new Error('there is no Redis here');
  return { AUTH_MODE: 'session', SESSION_STORE_URL: through('session-store', url) };
}

/** Configured like one that verifies tokens, but with another guard in front. */
function exchanged(options: ReplicaOptions) {
  const { parts, architecture, askMilliseconds, through = direct } = options;
  const url = pathToFileURL(PRELOAD);
  url.searchParams.set('guard', architectureOf(architecture).id);
  if (askMilliseconds !== undefined)
    url.searchParams.set('askMilliseconds', String(askMilliseconds));
  const { name, secret } = parts.stack.client;
  return {
    ...tokens(options),
    NODE_OPTIONS: `--import=${url.href}`,
    CLIENT_ID: name,
    CLIENT_SECRET: secret,
    INTROSPECTION_URL: through('auth', `${parts.stack.issuer}/oauth/introspect`),
  };
}
