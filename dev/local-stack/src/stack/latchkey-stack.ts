import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reservePort } from '../processes/free-port.js';
import type { Launcher } from '../processes/launcher.js';
import { startNatsCluster, type NatsCluster } from '../servers/nats-cluster.js';
import {
  NATS_USERS,
  startNats,
  type Nats,
  type NatsOptions,
  type NatsUser,
} from '../servers/nats.js';
import { startPostgres, type Postgres } from '../servers/postgres.js';
import { ServiceProcess } from '../processes/service-process.js';
import { environmentOf, type Route, type StackEnvironment } from './stack-environment.js';
import {
  startSessionStore,
  type SessionStoreChoice,
  type StackSessionStore,
} from './stack-session-store.js';
import {
  appOf,
  REPLICA_PORTS,
  replicaNames,
  VERIFYING_REPLICAS,
  type AnyReplicaName,
  type AppName,
  type ReplicaName,
} from './stack-replicas.js';
import { dataOwner, generateOnce } from './state-directory.js';

const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));

const POSTGRES_PORT = 4032;
const NATS_PORT = 4042;

export interface StackOptions {
  processes: Launcher;
  /** Data, secrets and logs. The same directory finds its data again. */
  stateDirectory: string;
  /** False takes any free ports, for tests beside a running stack. Default true. */
  preferredPorts?: boolean;
  /** How long a new signing key is published before it signs. Default 60. */
  publishAheadSeconds?: number;
  /** Processes of the auth service, on one database and under one issuer. Default 1. */
  authReplicas?: 1 | 2;
  /** One that runs already, and that the stack ends with itself. Default: that of `LATCHKEY_POSTGRES_URL`, or a new one. */
  postgres?: Postgres;
  /** 3 is a cluster of our own, also where `NATS_URL` names a server. Default 1. */
  natsServers?: 1 | 3;
  /** A file instead of deploy/nats.conf, such as that of another release; for one server. */
  natsConfiguration?: string;
  /** With one, every service takes session cookies beside tokens. Default `none`. */
  sessionStore?: SessionStoreChoice;
  /**
   * For every service, for one, or for one replica (`auth` is the service: both of its replicas).
   * `NODE_OPTIONS` reaches the process as well.
   */
  env?: StackEnvironment;
  /** The built main module of a replica, for one of another release. Default: that of this checkout. */
  entryOf?: (name: AnyReplicaName) => string | undefined;
  /** Puts something between two parts. Asked once per leg, before the replicas start. */
  route?: Route;
  onProgress?: (message: string) => void;
}

/** An account or client with its secret, made at the first start. */
export interface Credentials {
  readonly name: string;
  readonly secret: string;
}

/** What a NATS client of one user connects with, as it is. */
export interface NatsCredentials {
  readonly servers: string[];
  readonly user: NatsUser;
  readonly pass: string;
  /** The only inboxes that the user may listen to. */
  readonly inboxPrefix: string;
}

export type Replicas = Readonly<Record<ReplicaName, ServiceProcess>> & {
  readonly 'auth-2'?: ServiceProcess;
};

type NatsPasswords = Readonly<Record<NatsUser, string>>;

interface Broker {
  readonly nats: Nats;
  readonly natsCluster?: NatsCluster;
}

/** What the services connect to. */
interface Servers {
  readonly postgres: Postgres;
  readonly nats: Nats;
  readonly sessionStore: StackSessionStore | undefined;
}

/** All of Latchkey on this machine: Postgres, NATS, auth and the services, as separate processes. */
export class LatchkeyStack {
  private constructor(
    readonly postgres: Postgres,
    /** All of it: of a cluster, every server at once. */
    readonly nats: Nats,
    /** The servers one by one, when there are three. */
    readonly natsCluster: NatsCluster | undefined,
    /** Of the session cookies, where they are switched on. */
    readonly sessionStore: StackSessionStore | undefined,
    readonly replicas: Replicas,
    /** The first administrator. */
    readonly admin: Credentials,
    /** A confidential client that may introspect and revoke. */
    readonly client: Credentials,
    readonly logDirectory: string,
    private readonly natsPasswords: NatsPasswords,
  ) {}

  /**
   * Starts everything and waits until each part is ready.
   * @throws {ProcessStartError} with the end of the log of what did not start.
   */
  static async start(options: StackOptions): Promise<LatchkeyStack> {
    const { stateDirectory, onProgress } = options;
    const secret = (name: string) => generateOnce(stateDirectory, name);
    const natsPasswords = Object.fromEntries(
      NATS_USERS.map((user) => [user, secret(`nats-${user}`)]),
    ) as NatsPasswords;
    const logDirectory = join(stateDirectory, 'logs');
    mkdirSync(logDirectory, { recursive: true, mode: 0o700 });
    const startingPostgres = options.postgres
      ? Promise.resolve(options.postgres)
      : startStackPostgres(options);
    const [postgres, { nats, natsCluster }, sessionStore] = await Promise.all([
      startingPostgres,
      startBroker(options, natsPasswords),
      startSessionStore(options, startingPostgres),
    ]);
    const servers = { postgres, nats, sessionStore };
    const replicas = await makeReplicas(options, servers, logDirectory);
    const admin = { name: 'admin', secret: secret('admin-password') };
    const client = { name: 'latchkey-tour', secret: secret('client-secret') };
    const stack = new LatchkeyStack(
      postgres,
      nats,
      natsCluster,
      sessionStore,
      replicas,
      admin,
      client,
      logDirectory,
      natsPasswords,
    );
    await stack.#startReplicas(onProgress);
    return stack;
  }

  /** The exact `iss` of its tokens. */
  get issuer(): string {
    return this.replicas.auth.url;
  }

  get authReplicas(): readonly ServiceProcess[] {
    const { auth, 'auth-2': second } = this.replicas;
    return second ? [auth, second] : [auth];
  }

  get verifyingReplicas(): readonly ServiceProcess[] {
    return VERIFYING_REPLICAS.map((name) => this.replicas[name]);
  }

  /** For a client of one's own: somebody who can reach NATS, and sign nothing. */
  natsCredentials(user: NatsUser): NatsCredentials {
    const pass = this.natsPasswords[user];
    return { servers: this.nats.url.split(','), user, pass, inboxPrefix: `_INBOX_${user}` };
  }

  /** Ends everything in order: services before what they need. */
  async stop(): Promise<void> {
    await Promise.all(Object.values(this.replicas).map((replica) => replica.stop()));
    const redis = this.sessionStore?.kind === 'redis' ? [this.sessionStore] : [];
    await Promise.all([this.nats, this.postgres, ...redis].map((server) => server.stop()));
  }

  async #startReplicas(onProgress: StackOptions['onProgress']): Promise<void> {
    const { auth, ...others } = this.replicas;
    onProgress?.('starting auth');
    await auth.start(); // first of all: it makes the tables and the first key
    onProgress?.(`starting ${Object.keys(others).join(', ')}`);
    await Promise.all(Object.values(others).map((replica) => replica.start()));
  }
}

/**
 * Of each service's role in Postgres: its replicas times their pools (17 for auth, 10 for the others), and
 * as many again, because those of a replica that was killed end a moment later.
 */
const CONNECTION_LIMITS: Readonly<Record<AppName, number>> = {
  auth: 68,
  orders: 40,
  inventory: 20,
  payments: 20,
};

function startStackPostgres(options: StackOptions): Promise<Postgres> {
  const { processes, stateDirectory, preferredPorts, onProgress } = options;
  return startPostgres({
    processes,
    ...(onProgress && { onProgress }),
    dataDirectory: join(stateDirectory, 'postgres'),
    password: generateOnce(stateDirectory, 'postgres'),
    port: preferredPorts === false ? 0 : POSTGRES_PORT,
    owner: dataOwner(stateDirectory),
  });
}

async function startBroker(options: StackOptions, passwords: NatsPasswords): Promise<Broker> {
  const { processes, stateDirectory, onProgress } = options;
  const common: Omit<NatsOptions, 'storeDirectory'> = {
    processes,
    ...(onProgress && { onProgress }),
    stateDirectory,
    passwords,
    port: options.preferredPorts === false ? 0 : NATS_PORT,
  };
  if (options.natsServers === 3) {
    const storeDirectory = join(stateDirectory, 'nats-cluster');
    const natsCluster = await startNatsCluster({ ...common, storeDirectory });
    return { nats: natsCluster, natsCluster };
  }
  const configuration = options.natsConfiguration;
  const nats = await startNats({
    ...common,
    storeDirectory: join(stateDirectory, 'nats'),
    ...(configuration !== undefined && { configuration }),
  });
  return { nats };
}

function entryOf(name: AnyReplicaName, options: Pick<StackOptions, 'entryOf'>): string {
  return options.entryOf?.(name) ?? join(CHECKOUT, 'apps', appOf(name), 'dist', 'main.js');
}

async function makeReplicas(
  { processes, stateDirectory, preferredPorts = true, ...options }: StackOptions,
  { postgres, nats, sessionStore }: Servers,
  logDirectory: string,
): Promise<Replicas> {
  const names = replicaNames(options.authReplicas ?? 1);
  const urls = {} as Record<AnyReplicaName, string>;
  const ports = {} as Record<AnyReplicaName, number>;
  for (const name of names) {
    ports[name] = (await reservePort(preferredPorts ? REPLICA_PORTS[name] : 0)).port;
    urls[name] = `http://127.0.0.1:${ports[name]}`;
  }
  const secret = (name: string, generate?: () => string) =>
    generateOnce(stateDirectory, name, generate);
  const databaseUrls = {} as Record<AppName, string>;
  for (const app of NATS_USERS)
    databaseUrls[app] = await postgres.createDatabase(
      app,
      secret(`database-${app}`),
      CONNECTION_LIMITS[app],
    );
  const { env, route, publishAheadSeconds = 60, natsServers: streamReplicas = 1 } = options;
  const settings = { publishAheadSeconds, streamReplicas, env, route };
  const parts = {
    ...{ urls, databaseUrls, secret, ...settings },
    natsUrls: nats.url.split(','),
    sessionStoreUrl: sessionStore?.url,
  };
  const replicas = {} as Record<AnyReplicaName, ServiceProcess>;
  for (const name of names)
    replicas[name] = new ServiceProcess({
      processes,
      name,
      entry: entryOf(name, options),
      port: ports[name],
      logDirectory,
      env: await environmentOf(name, parts),
    });
  return replicas;
}
