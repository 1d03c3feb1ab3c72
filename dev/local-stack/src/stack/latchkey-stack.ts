import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Launcher } from '../processes/launcher.js';
import type { NatsCluster } from '../servers/nats-cluster.js';
import {
  NATS_USERS,
  natsPasswords,
  type Nats,
  type NatsPasswords,
  type NatsUser,
} from '../servers/nats.js';
import { startPostgres, type Postgres } from '../servers/postgres.js';
import { ServiceProcess } from '../processes/service-process.js';
import {
  environmentOf,
  type CallTokens,
  type Route,
  type StackEnvironment,
} from './stack-environment.js';
import {
  startSessionStore,
  type SessionStoreChoice,
  type StackSessionStore,
} from './stack-session-store.js';
import {
  appOf,
  replicaNames,
  VERIFYING_REPLICAS,
  type AnyReplicaName,
  type AppName,
  type ReplicaName,
  type ServiceName,
} from './stack-replicas.js';
import { startBroker } from './stack-broker.js';
import { reserveReplicaPort } from './replica-ports.js';
import { SERVICES } from './services.js';
import { spareConnection, type SpareConnection } from './spare-service.js';
import { dataOwner, generateOnce } from './state-directory.js';

const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));

const POSTGRES_PORT = 4032;

export interface StackOptions {
  processes: Launcher;
  /** Keeps data, secrets and logs across starts. */
  stateDirectory: string;
  /** False uses any free ports, for tests next to a running stack. Default true. */
  preferredPorts?: boolean;
  /** How long a signing key is published before it signs tokens. Default 60. */
  publishAheadSeconds?: number;
  /** The replicas to start immediately after auth. The others can be started later. Default: all. */
  startedReplicas?: readonly AnyReplicaName[];
  /** The number of auth replicas, which share a database and an issuer. Default 1. */
  authReplicas?: 1 | 2;
  /** A running Postgres, which the stack stops. Default: the one of `LATCHKEY_POSTGRES_URL`, or a new one. */
  postgres?: Postgres;
  /** With 3, starts a cluster, even if `NATS_URL` is set. Default 1. */
  natsServers?: 1 | 3;
  /** The configuration file of a single NATS server. Default dev/local-stack/nats.conf. */
  natsConfiguration?: string;
  /** Entries of `OAUTH_CLIENTS`, in addition to the stack's own clients. */
  furtherClients?: readonly object[];
  /** With a session store, every service accepts session cookies as well as tokens. Default `none`. */
  sessionStore?: SessionStoreChoice;
  /** How services act for users when they call each other. Default `exchange`. */
  callTokens?: CallTokens;
  /**
   * Environment variables for all services, for one, or for one replica (`auth` means both replicas).
   * `NODE_OPTIONS` is passed on as well.
   */
  env?: StackEnvironment;
  /** The compiled main module of a replica. Default: the one of this checkout. */
  entryOf?: (name: AnyReplicaName) => string | undefined;
  /** Puts a proxy between two parts. Called once per connection, before the replicas start. */
  route?: Route;
  onProgress?: (message: string) => void;
  /** Called when auth is ready, while the other replicas start. */
  onAuthReady?: (stack: LatchkeyStack) => Promise<void>;
}

/** An account or client with its secret, which is generated at the first start. */
export interface Credentials {
  readonly name: string;
  readonly secret: string;
}

/** Options for `connect()` of the NATS client. */
export interface NatsCredentials {
  readonly servers: string[];
  readonly user: NatsUser;
  readonly pass: string;
  /** The user may subscribe only to inboxes with this prefix. */
  readonly inboxPrefix: string;
}

export type Replicas = Readonly<Record<ReplicaName, ServiceProcess>> & {
  readonly 'auth-2'?: ServiceProcess;
};

/** The servers that the services connect to. */
interface Servers {
  readonly postgres: Postgres;
  readonly nats: Nats;
  readonly sessionStore: StackSessionStore | undefined;
}

/** A complete Latchkey on this machine: Postgres, NATS, auth and the services, each as processes. */
export class LatchkeyStack {
  private constructor(
    readonly postgres: Postgres,
    /** For a cluster, acts on all servers at the same time. */
    readonly nats: Nats,
    /** Undefined with a single NATS server. */
    readonly natsCluster: NatsCluster | undefined,
    /** Undefined without session cookies. */
    readonly sessionStore: StackSessionStore | undefined,
    readonly replicas: Replicas,
    /** The initial administrator. */
    readonly admin: Credentials,
    /** A confidential OAuth client that may introspect and revoke tokens. */
    readonly client: Credentials,
    private readonly stateDirectory: string,
    private readonly natsPasswords: NatsPasswords,
    private readonly secret: (name: string) => string,
  ) {}

  /**
   * Starts all parts and waits until each one is ready.
   * @throws {ProcessStartError} with the end of the log of the part that did not start
   */
  static async start(options: StackOptions): Promise<LatchkeyStack> {
    const { stateDirectory } = options;
    const secret = (name: string) => generateOnce(stateDirectory, name);
    const passwords = natsPasswords((user) => secret(`nats-${user}`));
    mkdirSync(logDirectoryOf(stateDirectory), { recursive: true, mode: 0o700 });
    const startingPostgres = options.postgres
      ? Promise.resolve(options.postgres)
      : startStackPostgres(options);
    const [postgres, { nats, natsCluster }, sessionStore] = await Promise.all([
      startingPostgres,
      startBroker(options, passwords),
      startSessionStore(options, startingPostgres),
    ]);
    const servers = { postgres, nats, sessionStore };
    const replicas = await makeReplicas(options, servers);
    const admin = { name: 'admin', secret: secret('admin-password') };
    const client = { name: 'latchkey-demo', secret: secret('client-secret') };
    const stack = new LatchkeyStack(
      postgres,
      nats,
      natsCluster,
      sessionStore,
      replicas,
      admin,
      client,
      stateDirectory,
      passwords,
      secret,
    );
    await stack.#startReplicas(options);
    return stack;
  }

  /** The exact `iss` of the access tokens. */
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

  get logDirectory(): string {
    return logDirectoryOf(this.stateDirectory);
  }

  /** For a service of the reader's own. */
  get spare(): SpareConnection {
    return spareConnection(this.issuer, this.nats.url, this.stateDirectory);
  }

  /** Credentials for another NATS client, for tests. */
  natsCredentials(user: NatsUser): NatsCredentials {
    const pass = this.natsPasswords[user];
    return { servers: this.nats.url.split(','), user, pass, inboxPrefix: `_INBOX_${user}` };
  }

  /** The OAuth client of a service, for tests that act in its place. */
  serviceCredentials(name: ServiceName): Credentials {
    return { name, secret: this.secret(`client-secret-${name}`) };
  }

  /** Stops the services, and then the servers that they depend on. */
  async stop(): Promise<void> {
    await Promise.all(Object.values(this.replicas).map((replica) => replica.stop()));
    const redis = this.sessionStore?.kind === 'redis' ? [this.sessionStore] : [];
    await Promise.all([this.nats, this.postgres, ...redis].map((server) => server.stop()));
  }

  async #startReplicas({ onProgress, onAuthReady, startedReplicas }: StackOptions): Promise<void> {
    const { auth, ...others } = this.replicas;
    onProgress?.('starting auth');
    await auth.start(); // first, because it creates the revocation stream and the first key
    const started = Object.values(others).filter(
      ({ name }) => startedReplicas?.includes(name as AnyReplicaName) ?? true,
    );
    onProgress?.(`starting ${started.map(({ name }) => name).join(', ')}`);
    await Promise.all([onAuthReady?.(this), ...started.map((replica) => replica.start())]);
  }
}

/**
 * The connection limit of a service's role in Postgres: its replicas times their pools (17 for
 * auth, 10 for the others), doubled because the connections of a killed replica end a moment later.
 */
const connectionLimitOf = (app: AppName): number =>
  app === 'auth' ? 2 * 2 * 17 : 2 * SERVICES[app].localReplicas * 10;

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

const logDirectoryOf = (stateDirectory: string) => join(stateDirectory, 'logs');

function entryOf(name: AnyReplicaName, options: Pick<StackOptions, 'entryOf'>): string {
  return options.entryOf?.(name) ?? join(CHECKOUT, 'apps', appOf(name), 'dist', 'main.js');
}

async function makeReplicas(
  options: StackOptions,
  { postgres, nats, sessionStore }: Servers,
): Promise<Replicas> {
  const { processes, stateDirectory } = options;
  const names = replicaNames(options.authReplicas ?? 1);
  const ports = {} as Record<AnyReplicaName, number>;
  const urls = {} as Record<AnyReplicaName, string>;
  for (const name of names) {
    ports[name] = await reserveReplicaPort(name, options);
    urls[name] = `http://127.0.0.1:${ports[name]}`;
  }
  const secret = (name: string, generate?: () => string) =>
    generateOnce(stateDirectory, name, generate);
  const databaseUrls = {} as Record<AppName, string>;
  for (const app of NATS_USERS)
    databaseUrls[app] = await postgres.createDatabase(
      app,
      secret(`database-${app}`),
      connectionLimitOf(app),
    );
  const { env, route, publishAheadSeconds = 60, natsServers: streamReplicas = 1 } = options;
  const { furtherClients, callTokens } = options;
  const settings = { publishAheadSeconds, streamReplicas, furtherClients, callTokens, env, route };
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
      logDirectory: logDirectoryOf(stateDirectory),
      env: await environmentOf(name, parts),
    });
  return replicas;
}
