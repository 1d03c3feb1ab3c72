import {
  reservePort,
  ServiceProcess,
  temporaryDirectory,
  type Launcher,
} from '@latchkey/local-stack';
import { fileURLToPath } from 'node:url';
import type { ArchitectureId } from './architecture.js';
import { ASK_MILLISECONDS_VARIABLE, GUARD_VARIABLE } from './config.js';
import type { SharedParts } from './shared-parts.js';

/** Build outputs; both URLs are valid from the sources, too, where tests run. */
const ORDERS = fileURLToPath(new URL('../../../../apps/orders/dist/main.js', import.meta.url));
const GUARDED_ORDERS = fileURLToPath(
  new URL('../../dist/architectures/guarded-orders-process.js', import.meta.url),
);

/** A connection of a replica that a proxy can be put into. */
export type SharedLeg = 'session-store' | 'auth' | 'nats';

export interface ReplicaOptions {
  readonly processes: Launcher;
  readonly parts: SharedParts;
  readonly architecture: ArchitectureId;
  /** For messages and logs. Default the architecture. */
  readonly name?: string;
  /** Replaces the URL of a leg by that of a proxy in front of it. */
  readonly through?: (leg: SharedLeg, url: string) => string;
  /** Timeout of introspection, for an auth that is slow on purpose. Default 2000. */
  readonly askMilliseconds?: number;
  /** Added to, or replacing, the environment of the architecture. */
  readonly env?: Readonly<Record<string, string>>;
  /** Flags for Node.js. */
  readonly nodeFlags?: readonly string[];
}

/** A replica of the built orders service under one architecture, not started yet. */
export async function ordersReplica(options: ReplicaOptions): Promise<ServiceProcess> {
  const { processes, architecture, name = architecture, env, nodeFlags } = options;
  return new ServiceProcess({
    processes,
    name,
    entry: hasGuardOfTheLab(architecture) ? GUARDED_ORDERS : ORDERS,
    port: (await reservePort()).port,
    logDirectory: temporaryDirectory(processes),
    env: { ...commonEnvironment(options), ...protection(options), ...env },
    readyTimeoutMs: 60_000,
    ...(nodeFlags && { nodeFlags }),
  });
}

const hasGuardOfTheLab = (architecture: ArchitectureId) =>
  architecture === 'unprotected' ||
  architecture === 'passport-jwt' ||
  architecture === 'introspection';

function commonEnvironment({ parts: { stack }, through = direct }: ReplicaOptions) {
  const { replicas, issuer } = stack;
  return {
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
    DATABASE_URL: stack.postgres.url('orders'),
    INVENTORY_URL: replicas.inventory.url,
    PAYMENTS_URL: replicas.payments.url,
    CLIENT_ID: stack.serviceCredentials('orders').name,
    CLIENT_SECRET: stack.serviceCredentials('orders').secret,
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
      // Without a cache, every request verifies the signature.
      return { ...tokens(options), CACHED_TOKENS: '0' };
    case 'session-redis':
    case 'session-postgres':
      return sessions(options);
    case 'unprotected':
    case 'passport-jwt':
    case 'introspection':
      return guarded(options);
  }
}

/** The service verifies tokens itself, and receives log-outs over NATS. */
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

/** Configured like a service that verifies tokens; the guard of the lab ignores most of it. */
function guarded(options: ReplicaOptions) {
  const { parts, architecture, askMilliseconds, through = direct } = options;
  const { name, secret } = parts.stack.client;
  return {
    ...tokens(options),
    [GUARD_VARIABLE]: architecture,
    ...(askMilliseconds !== undefined && {
      [ASK_MILLISECONDS_VARIABLE]: String(askMilliseconds),
    }),
    CLIENT_ID: name,
    CLIENT_SECRET: secret,
    INTROSPECTION_URL: through('auth', `${parts.stack.issuer}/oauth/introspect`),
  };
}
