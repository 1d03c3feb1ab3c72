import { RegisterRequest } from '@latchkey/contracts/auth-api';
import { environment, loadConfig, serviceRules, trustedProxies } from '@latchkey/service-kit';
import { sessionEnvironment, sessionRules } from '@latchkey/service-authentication';
import { MAX_TRANSACTION_TOKEN_LIFETIME_SECONDS } from '@latchkey/contracts';
import { z } from 'zod';
import { isOwnName, OWN_NAME_ADVICE, weaknessOf } from './accounts/passwords/weak-password.js';
import { oauthClients } from './clients/oauth-clients.js';
import { isKnownScope, knowsScope, type AudienceTable } from './platform/audience-table.js';
import { LONGEST_TOKEN_LIFETIME_SECONDS } from './platform/revocation-lifetime.js';
import { audiences, roles, scopes, unknownScopes } from './scope-environment.js';

const DAY_SECONDS = 86_400;
const { seconds, serviceEnvironment } = environment;

/** `Buffer` ignores characters that are not base64, so a typo would silently make another key. */
const BASE64_OF_32_BYTES = /^[\w+/-]{43}=?$/;
const keyEncryptionKey = z
  .string()
  .trim()
  .regex(BASE64_OF_32_BYTES, 'must be 32 bytes in base64 or base64url')
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64url')));

/** The administrator's password obeys the same rules as a registration. */
const adminPassword = RegisterRequest.shape.password.superRefine((password, context) => {
  const weakness = weaknessOf(password);
  if (weakness !== undefined) context.addIssue(weakness);
});

const count = (most: number) => z.coerce.number().int().min(1).max(most);

/** Limits that keep one part of the service from starving the others. */
const loadEnvironment = {
  /** Connections in addition to `DATABASE_POOL_SIZE`, for requests that end sessions. */
  DATABASE_URGENT_POOL_SIZE: count(100).default(3),
  /** Connections in addition to both, for the relay, the signing keys and snapshots. */
  DATABASE_RELAY_POOL_SIZE: count(100).default(4),
  /** Registrations per address, in a burst or spread over the hour. */
  REGISTRATIONS_PER_HOUR: count(1_000_000).default(60),
};

const variables = {
  ...serviceEnvironment,
  ...sessionEnvironment,
  NATS_STREAM_REPLICAS: z.coerce
    .number()
    .pipe(z.union([z.literal(1), z.literal(3), z.literal(5)]))
    .default(1),
  KEY_ENCRYPTION_KEY: keyEncryptionKey,
  /** `KEY_ENCRYPTION_KEY` changes in steps: these hold its value after the next deployment, and before this one. */
  KEY_ENCRYPTION_KEY_NEXT: keyEncryptionKey.optional(),
  KEY_ENCRYPTION_KEY_PREVIOUS: keyEncryptionKey.optional(),
  AUDIENCES: audiences,
  USER_SCOPES: scopes.prefault(''),
  ADMIN_SCOPES: scopes.prefault(''),
  ROLES: roles.prefault('{}'),
  ACCESS_TOKEN_LIFETIME_SECONDS: seconds
    .pipe(z.number().int().max(LONGEST_TOKEN_LIFETIME_SECONDS))
    .default(300),
  TRUST_DOMAIN: environment.audience.optional(),
  TRANSACTION_TOKEN_LIFETIME_SECONDS: seconds
    .pipe(z.number().int().max(MAX_TRANSACTION_TOKEN_LIFETIME_SECONDS))
    .default(60),
  REFRESH_IDLE_LIFETIME_SECONDS: seconds.default(7 * DAY_SECONDS),
  REFRESH_ABSOLUTE_LIFETIME_SECONDS: seconds.default(30 * DAY_SECONDS),
  REFRESH_GRACE_SECONDS: z.coerce.number().min(0).max(60).default(10),
  SESSIONS_PER_ACCOUNT: z.coerce.number().int().min(1).max(1000).default(20),
  /** How long the audit trail is kept. */
  AUDIT_RETENTION_DAYS: count(3_650).default(90),
  /** Whether sessions keep network addresses, for their list. */
  SESSION_ADDRESSES: environment.flag.prefault('true'),
  SIGNING_KEY_PUBLISH_AHEAD_SECONDS: seconds.default(60),
  SIGNING_KEY_ROTATION_SECONDS: seconds.default(30 * DAY_SECONDS),
  OAUTH_CLIENTS: oauthClients.prefault('[]'),
  INITIAL_ADMIN_USERNAME: RegisterRequest.shape.username.optional(),
  INITIAL_ADMIN_PASSWORD: adminPassword.optional(),
  /** The folder with the built files of apps/console. Without it, auth serves no console. */
  CONSOLE_DIRECTORY: environment.pageDirectory.optional(),
  TRUST_PROXY: trustedProxies.prefault('false'),
  ...loadEnvironment,
};

/** Detects a slip in a key change: the variable was renamed but still holds the old key. */
const notTheCurrentKey = (name: 'KEY_ENCRYPTION_KEY_NEXT' | 'KEY_ENCRYPTION_KEY_PREVIOUS') =>
  environment.rule(
    variables,
    ['KEY_ENCRYPTION_KEY', name],
    name,
    'is the same key as KEY_ENCRYPTION_KEY',
    (env) => env[name] === undefined || !Buffer.from(env.KEY_ENCRYPTION_KEY).equals(env[name]),
  );

type ScopeVariable = 'USER_SCOPES' | 'ADMIN_SCOPES' | 'ROLES' | 'OAUTH_CLIENTS';
type ScopeValues = Pick<z.output<z.ZodObject<typeof variables>>, ScopeVariable | 'AUDIENCES'>;

/** A scope that no service knows is mistyped, or belongs to a service that is missing in AUDIENCES. */
const knownScopes = (name: ScopeVariable, unknownIn: (env: ScopeValues) => readonly string[]) =>
  environment.rule(
    variables,
    [name, 'AUDIENCES'],
    name,
    (env) => unknownScopes(unknownIn(env)),
    (env) => unknownIn(env).length === 0,
  );

const unknownTo = (table: AudienceTable, scopes: Iterable<string>) =>
  [...scopes].filter((scope) => !isKnownScope(table, scope));

/** Includes the scopes of an exchange that other services know, but not the service that they are for. */
const unknownOfClients = ({ OAUTH_CLIENTS: clients, AUDIENCES: table }: ScopeValues) =>
  clients.flatMap(({ scopes: own, exchange }) => [
    ...unknownTo(table, own),
    ...[...exchange].flatMap(([audience, names]) =>
      [...(names ?? [])].filter((scope) => !knowsScope(table, audience, scope)),
    ),
  ]);

export const Environment = z.object(variables).check(
  ...serviceRules,
  ...sessionRules,
  notTheCurrentKey('KEY_ENCRYPTION_KEY_NEXT'),
  notTheCurrentKey('KEY_ENCRYPTION_KEY_PREVIOUS'),
  ...environment.oneOf(variables, 'KEY_ENCRYPTION_KEY_NEXT', 'KEY_ENCRYPTION_KEY_PREVIOUS'),
  ...environment.together(variables, 'INITIAL_ADMIN_USERNAME', 'INITIAL_ADMIN_PASSWORD'),
  environment.rule(
    variables,
    ['INITIAL_ADMIN_USERNAME', 'INITIAL_ADMIN_PASSWORD'],
    'INITIAL_ADMIN_PASSWORD',
    OWN_NAME_ADVICE,
    ({ INITIAL_ADMIN_USERNAME: username, INITIAL_ADMIN_PASSWORD: password }) =>
      username === undefined || password === undefined || !isOwnName(password, username),
  ),
  environment.rule(
    variables,
    ['AUDIENCES', 'ISSUER'],
    'AUDIENCES',
    'must not name ISSUER: every user’s token is for the issuer as well',
    (env) => !env.AUDIENCES.has(env.ISSUER),
  ),
  environment.rule(
    variables,
    ['TRUST_DOMAIN', 'AUDIENCES', 'ISSUER'],
    'TRUST_DOMAIN',
    'must be a name of its own, neither ISSUER nor one of AUDIENCES',
    ({ TRUST_DOMAIN: domain, AUDIENCES: table, ISSUER: issuer }) =>
      domain === undefined || (domain !== issuer && !table.has(domain)),
  ),
  knownScopes('USER_SCOPES', (env) => unknownTo(env.AUDIENCES, env.USER_SCOPES)),
  knownScopes('ADMIN_SCOPES', (env) => unknownTo(env.AUDIENCES, env.ADMIN_SCOPES)),
  knownScopes('ROLES', (env) => unknownTo(env.AUDIENCES, [...env.ROLES.values()].flat())),
  knownScopes('OAUTH_CLIENTS', unknownOfClients),
  environment.rule(
    variables,
    ['OAUTH_CLIENTS', 'AUDIENCES', 'ISSUER'],
    'OAUTH_CLIENTS',
    'exchange may only name services in AUDIENCES, other than ISSUER',
    // The issuer is excluded because only users may act at the auth service.
    (env) =>
      env.OAUTH_CLIENTS.every(({ exchange }) =>
        [...exchange.keys()].every((name) => env.AUDIENCES.has(name) && name !== env.ISSUER),
      ),
  ),
);

export type Config = Readonly<z.infer<typeof Environment>>;

/** @throws InvalidEnvironmentError naming every wrong variable */
export const config = (env: NodeJS.ProcessEnv = process.env): Config =>
  loadConfig(Environment, env);
