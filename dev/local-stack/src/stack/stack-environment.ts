import { createHash, randomBytes } from 'node:crypto';
import { audienceTable, calleesOf, policyOf, scopesOfAll } from './service-calls.js';
import { SPARE, SPARE_POLICY, SPARE_SCOPES } from './spare-service.js';
import {
  appOf,
  firstReplicaOf,
  SERVICE_NAMES,
  type AnyReplicaName,
  type AppName,
  type ReplicaName,
  type ServiceName,
} from './stack-replicas.js';

/** How services act for users when they call each other, as in `CALL_TOKENS`. */
export type CallTokens = 'exchange' | 'transaction';

/** Auth issues transaction tokens, and the others accept and send them. */
export const TRANSACTION_TOKENS = {
  CALL_TOKENS: 'transaction',
  TRUST_DOMAIN: 'shop.localhost',
} as const satisfies Readonly<Record<string, string>> & { readonly CALL_TOKENS: CallTokens };

/** A network connection between two parts of the stack. */
export interface Leg {
  readonly from: AnyReplicaName;
  readonly to: 'postgres' | 'nats' | 'session-store' | AppName;
}

/** Returns the URL that a replica uses for a connection, such as the URL of a proxy. */
export type Route = (leg: Leg, url: string) => string | Promise<string>;

/** Environment variables for all services, one service or one replica. The most specific one wins. */
export type StackEnvironment = Partial<
  Record<'all' | AppName | AnyReplicaName, Readonly<Record<string, string>>>
>;

/** The inputs for the environments of the replicas. */
export interface StackParts {
  /** The URLs of the replicas. */
  readonly urls: Readonly<Record<ReplicaName, string>>;
  readonly databaseUrls: Readonly<Record<AppName, string>>;
  readonly natsUrls: readonly string[];
  /** If set, services accept session cookies as well as tokens. */
  readonly sessionStoreUrl?: string | undefined;
  /** Returns the secret of this name, which is generated at the first call. */
  readonly secret: (name: string, generate?: () => string) => string;
  readonly publishAheadSeconds: number;
  /** How services act for users when they call each other. Default `exchange`. */
  readonly callTokens?: CallTokens | undefined;
  /** The number of NATS servers that store the revocation stream. */
  readonly streamReplicas: number;
  /** Entries of `OAUTH_CLIENTS`, in addition to the stack's own clients. */
  readonly furtherClients?: readonly object[] | undefined;
  readonly route?: Route | undefined;
  readonly env?: StackEnvironment | undefined;
}

/** The environment variables of one replica. */
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
    ...(parts.callTokens === 'transaction' && TRANSACTION_TOKENS),
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
    ...(app !== 'auth' && (await callees(app, urls, through))),
    ...(app !== 'auth' && route && addressesOfAuth(await through('auth', urlOfKeys(urls.auth)))),
  };
}

const urlOfKeys = (auth: string) => `${auth}/.well-known/jwks.json`;

/** By default these are derived from the issuer, which must not change. */
const addressesOfAuth = (keys: string) => ({
  JWKS_URL: keys,
  TOKEN_URL: new URL('/oauth/token', keys).href,
});

/** `INVENTORY_URL` and so on, for the services that this one calls. */
async function callees(
  app: ServiceName,
  urls: StackParts['urls'],
  through: (to: Leg['to'], url: string) => string | Promise<string>,
): Promise<Record<string, string>> {
  const variables = calleesOf(app).map(async (callee) => [
    `${callee.toUpperCase()}_URL`,
    await through(callee, urls[firstReplicaOf(callee)]),
  ]);
  return Object.fromEntries(await Promise.all(variables)) as Record<string, string>;
}

function ofVerifier(app: AppName, { urls, secret }: StackParts): Record<string, string> {
  return {
    WHEN_STALE: 'accept',
    // Auth serves the console, whose pages call the services.
    CORS_ORIGINS: new URL(urls.auth).origin,
    JWKS_COOLDOWN_SECONDS: '1',
    CLIENT_ID: app,
    CLIENT_SECRET: secret(`client-secret-${app}`),
  };
}

/** The allowed origins are the services' own, which serve pages under `/docs`. */
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
  furtherClients = [],
}: StackParts): Record<string, string> {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const clients = [
    { clientId: 'latchkey-demo', secretSha256: sha256(secret('client-secret')) },
    ...SERVICE_NAMES.map((clientId) => ({
      clientId,
      secretSha256: sha256(secret(`client-secret-${clientId}`)),
      ...policyOf(clientId),
    })),
    { clientId: SPARE, secretSha256: sha256(secret(`client-secret-${SPARE}`)), ...SPARE_POLICY },
    ...furtherClients,
  ];
  return {
    KEY_ENCRYPTION_KEY: secret('key-encryption-key', () => randomBytes(32).toString('base64url')),
    AUDIENCES: JSON.stringify({ ...audienceTable(), [SPARE]: SPARE_SCOPES }),
    USER_SCOPES: [...scopesOfAll('user'), ...SPARE_SCOPES].join(' '),
    ADMIN_SCOPES: scopesOfAll('admin').join(' '),
    OAUTH_CLIENTS: JSON.stringify(clients),
    INITIAL_ADMIN_USERNAME: 'admin',
    INITIAL_ADMIN_PASSWORD: secret('admin-password'),
    SIGNING_KEY_PUBLISH_AHEAD_SECONDS: String(publishAheadSeconds),
    NATS_STREAM_REPLICAS: String(streamReplicas),
    // The demo and the measurements register all accounts from one address.
    REGISTRATIONS_PER_HOUR: '1000000',
  };
}
