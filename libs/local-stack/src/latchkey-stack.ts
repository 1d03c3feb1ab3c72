import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reservePort } from './free-port.js';
import type { Leash } from './leash.js';
import { NATS_USERS, startNats, type Nats, type NatsUser } from './nats.js';
import { startPostgres, type Postgres } from './postgres.js';
import { ServiceProcess } from './service-process.js';
import { generateOnce } from './state-directory.js';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));

/** Preferred ports; taken ones are dodged. */
const PORTS = { auth: 4000, 'orders-1': 4010, 'orders-2': 4011, inventory: 4020, payments: 4030 };
const POSTGRES_PORT = 4032;
const NATS_PORT = 4042;

export type ReplicaName = keyof typeof PORTS;
type AppName = 'auth' | 'orders' | 'inventory' | 'payments';

/** The services that verify access tokens by themselves. */
export const VERIFYING_REPLICAS = ['orders-1', 'orders-2', 'inventory', 'payments'] as const;
const REPLICAS: readonly ReplicaName[] = ['auth', ...VERIFYING_REPLICAS];

export interface StackOptions {
  leash: Leash;
  /** Data, secrets and logs. The same directory finds its data again. */
  stateDirectory: string;
  /** False takes any free ports, for tests beside a running stack. Default true. */
  preferredPorts?: boolean;
  /** How long a new signing key is published before it signs. Default 60. */
  publishAheadSeconds?: number;
  /** For every service, or for one. */
  env?: Partial<Record<AppName | 'all', Readonly<Record<string, string>>>>;
  onProgress?: (message: string) => void;
}

/** An account or client with its secret, made at the first start. */
export interface Credentials {
  readonly name: string;
  readonly secret: string;
}

/** All of Latchkey on this machine: Postgres, NATS, auth and the services, as separate processes. */
export class LatchkeyStack {
  private constructor(
    readonly postgres: Postgres,
    readonly nats: Nats,
    readonly replicas: Readonly<Record<ReplicaName, ServiceProcess>>,
    /** The first administrator. */
    readonly admin: Credentials,
    /** A confidential client that may introspect and revoke. */
    readonly client: Credentials,
    readonly logDirectory: string,
  ) {}

  /**
   * Starts everything and waits until each part is ready.
   * @throws {ProcessStartError} with the end of the log of what did not start.
   */
  static async start(options: StackOptions): Promise<LatchkeyStack> {
    const { leash, stateDirectory, onProgress } = options;
    const secret = (name: string) => generateOnce(stateDirectory, name);
    const logDirectory = join(stateDirectory, 'logs');
    mkdirSync(logDirectory, { recursive: true, mode: 0o700 });
    const ports = options.preferredPorts ?? true;
    const common = { leash, ...(onProgress && { onProgress }) };
    const [postgres, nats] = await Promise.all([
      startPostgres({
        ...common,
        dataDirectory: join(stateDirectory, 'postgres'),
        password: secret('postgres'),
        port: ports ? POSTGRES_PORT : 0,
      }),
      startNats({
        ...common,
        stateDirectory,
        storeDirectory: join(stateDirectory, 'nats'),
        passwords: natsPasswords(secret),
        port: ports ? NATS_PORT : 0,
      }),
    ]);
    const replicas = await makeReplicas(options, postgres, nats, logDirectory);
    const admin = { name: 'admin', secret: secret('admin-password') };
    const client = { name: 'latchkey-tour', secret: secret('client-secret') };
    const stack = new LatchkeyStack(postgres, nats, replicas, admin, client, logDirectory);
    onProgress?.('starting auth');
    await replicas.auth.start();
    onProgress?.('starting orders (two replicas), inventory and payments');
    await Promise.all(stack.verifyingReplicas.map((replica) => replica.start()));
    return stack;
  }

  /** The exact `iss` of its tokens. */
  get issuer(): string {
    return this.replicas.auth.url;
  }

  get verifyingReplicas(): readonly ServiceProcess[] {
    return VERIFYING_REPLICAS.map((name) => this.replicas[name]);
  }

  /** Ends everything in order: services before what they need. */
  async stop(): Promise<void> {
    await Promise.all(Object.values(this.replicas).map((replica) => replica.stop()));
    await Promise.all([this.nats.stop(), this.postgres.stop()]);
  }
}

const natsPasswords = (secret: (name: string) => string) =>
  Object.fromEntries(NATS_USERS.map((user) => [user, secret(`nats-${user}`)])) as Record<
    NatsUser,
    string
  >;

async function makeReplicas(
  options: StackOptions,
  postgres: Postgres,
  nats: Nats,
  logDirectory: string,
): Promise<Record<ReplicaName, ServiceProcess>> {
  const urls = {} as Record<ReplicaName, string>;
  const ports = {} as Record<ReplicaName, number>;
  for (const name of REPLICAS) {
    ports[name] = (await reservePort(options.preferredPorts === false ? 0 : PORTS[name])).port;
    urls[name] = `http://127.0.0.1:${ports[name]}`;
  }
  const databases = {} as Record<AppName, string>;
  for (const app of NATS_USERS) {
    const password = generateOnce(options.stateDirectory, `database-${app}`);
    databases[app] = await postgres.createDatabase(app, password);
  }
  const replica = (name: ReplicaName) => {
    const app = appOf(name);
    return new ServiceProcess({
      leash: options.leash,
      name,
      entry: join(CHECKOUT, 'apps', app, 'dist', 'main.js'),
      port: ports[name],
      logDirectory,
      env: {
        ...commonEnvironment(options, app, urls, nats, databases[app]),
        ...(app === 'auth' ? authEnvironment(options) : {}),
        ...options.env?.all,
        ...options.env?.[app],
      },
    });
  };
  return Object.fromEntries(REPLICAS.map((name) => [name, replica(name)])) as Record<
    ReplicaName,
    ServiceProcess
  >;
}

const appOf = (name: ReplicaName): AppName =>
  name === 'orders-1' || name === 'orders-2' ? 'orders' : name;

function commonEnvironment(
  { stateDirectory }: StackOptions,
  app: AppName,
  urls: Readonly<Record<ReplicaName, string>>,
  nats: Nats,
  databaseUrl: string,
): Record<string, string> {
  return {
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    NATS_URL: nats.url,
    NATS_USER: app,
    NATS_PASSWORD: generateOnce(stateDirectory, `nats-${app}`),
    ISSUER: urls.auth,
    INVENTORY_URL: urls.inventory,
    PAYMENTS_URL: urls.payments,
    WHEN_STALE: 'accept',
    JWKS_COOLDOWN_SECONDS: '1',
  };
}

function authEnvironment(options: StackOptions): Record<string, string> {
  const { stateDirectory, publishAheadSeconds = 60 } = options;
  const secret = generateOnce(stateDirectory, 'client-secret');
  const secretSha256 = createHash('sha256').update(secret).digest('hex');
  return {
    KEY_ENCRYPTION_KEY: generateOnce(stateDirectory, 'key-encryption-key', () =>
      randomBytes(32).toString('base64url'),
    ),
    OAUTH_CLIENTS: JSON.stringify([{ clientId: 'latchkey-tour', secretSha256 }]),
    INITIAL_ADMIN_USERNAME: 'admin',
    INITIAL_ADMIN_PASSWORD: generateOnce(stateDirectory, 'admin-password'),
    SIGNING_KEY_PUBLISH_AHEAD_SECONDS: String(publishAheadSeconds),
  };
}
