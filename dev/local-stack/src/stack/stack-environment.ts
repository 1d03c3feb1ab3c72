import { createHash, randomBytes } from 'node:crypto';
import {
  appOf,
  VERIFYING_APPS,
  type AnyReplicaName,
  type AppName,
  type ReplicaName,
} from './stack-replicas.js';

/** A connection between two parts of the stack, as a network sees it. */
export interface Leg {
  readonly from: AnyReplicaName;
  readonly to: 'postgres' | 'nats' | 'session-store' | 'auth' | 'inventory' | 'payments';
}

/** Gives a replica another URL for one of its legs: that of a proxy before the one given. */
export type Route = (leg: Leg, url: string) => string | Promise<string>;

/** Settings for every service, for each replica of one, or for one replica: the closer one wins. */
export type StackEnvironment = Partial<
  Record<'all' | AppName | AnyReplicaName, Readonly<Record<string, string>>>
>;

/** What the environments of the replicas are made from. */
export interface StackParts {
  /** Where the replicas answer. */
  readonly urls: Readonly<Record<ReplicaName, string>>;
  readonly databaseUrls: Readonly<Record<AppName, string>>;
  readonly natsUrls: readonly string[];
  /** With it, services take session cookies beside tokens. */
  readonly sessionStoreUrl?: string | undefined;
  /** A secret by its name: made at the first call, the same at every later one. */
  readonly secret: (name: string, generate?: () => string) => string;
  readonly publishAheadSeconds: number;
  /** On how many servers the revocation stream lies. */
  readonly streamReplicas: number;
  readonly route?: Route | undefined;
  readonly env?: StackEnvironment | undefined;
}

/** What one replica is configured with. */
export async function environmentOf(
  name: AnyReplicaName,
  parts: StackParts,
): Promise<Record<string, string>> {
  const app = appOf(name);
  return {
    ...(await connections(name, parts)),
    NODE_ENV: 'production',
    NATS_USER: app,
    NATS_PASSWORD: parts.secret(`nats-${app}`),
    ISSUER: parts.urls.auth,
    ...(app === 'auth' ? ofAuth(parts) : ofVerifier(app, parts)),
    ...(parts.sessionStoreUrl !== undefined && ofCookies(app, parts)),
    ...parts.env?.all,
    ...parts.env?.[app],
    ...parts.env?.[name],
  };
}

async function connections(
  name: AnyReplicaName,
  { urls, databaseUrls, natsUrls, sessionStoreUrl, route }: StackParts,
): Promise<Record<string, string>> {
  const app = appOf(name);
  const through = async (to: Leg['to'], url: string) =>
    route ? route({ from: name, to }, url) : url;
  return {
    DATABASE_URL: await through('postgres', databaseUrls[app]),
    NATS_URL: (await Promise.all(natsUrls.map((url) => through('nats', url)))).join(','),
    ...(sessionStoreUrl !== undefined && {
      SESSION_STORE_URL: await through('session-store', sessionStoreUrl),
    }),
    ...(app === 'orders' && {
      INVENTORY_URL: await through('inventory', urls.inventory),
      PAYMENTS_URL: await through('payments', urls.payments),
    }),
    // Else it follows from the issuer, which is a name and stays what it is.
    ...(app !== 'auth' &&
      route && { JWKS_URL: await through('auth', `${urls.auth}/.well-known/jwks.json`) }),
  };
}

function ofVerifier(app: AppName, { secret }: StackParts): Record<string, string> {
  return {
    WHEN_STALE: 'accept',
    JWKS_COOLDOWN_SECONDS: '1',
    CLIENT_ID: app,
    CLIENT_SECRET: secret(`client-secret-${app}`),
  };
}

/** The pages are those that the services have themselves: `/docs`. */
function ofCookies(app: AppName, { urls }: StackParts): Record<string, string> {
  return {
    SESSION_ORIGINS: Object.values(urls).join(','),
    ...(app !== 'auth' && { AUTH_MODE: 'both' }),
  };
}

function ofAuth({
  secret,
  publishAheadSeconds,
  streamReplicas,
}: StackParts): Record<string, string> {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const clients = [
    { clientId: 'latchkey-tour', secretSha256: sha256(secret('client-secret')) },
    ...VERIFYING_APPS.map((clientId) => ({
      clientId,
      secretSha256: sha256(secret(`client-secret-${clientId}`)),
    })),
  ];
  return {
    KEY_ENCRYPTION_KEY: secret('key-encryption-key', () => randomBytes(32).toString('base64url')),
    OAUTH_CLIENTS: JSON.stringify(clients),
    INITIAL_ADMIN_USERNAME: 'admin',
    INITIAL_ADMIN_PASSWORD: secret('admin-password'),
    SIGNING_KEY_PUBLISH_AHEAD_SECONDS: String(publishAheadSeconds),
    NATS_STREAM_REPLICAS: String(streamReplicas),
    // Demonstrations and measurements make all of their accounts from one address.
    REGISTRATIONS_PER_HOUR: '1000000',
  };
}
