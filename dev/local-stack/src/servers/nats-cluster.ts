import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { ensureNatsServer } from '../programs/ensure-nats-server.js';
import type { Program } from '../programs/ensure-program.js';
import { reservePort, type ReservedPort } from '../processes/free-port.js';
import { natsOn, natsProcess, type Nats, type NatsOptions } from './nats.js';
import { isPortTaken } from '../processes/start-on-free-port.js';
import { waitFor } from '../processes/wait-for.js';

const NAMES = ['nats-1', 'nats-2', 'nats-3'] as const;
const CLUSTER_NAME = 'latchkey';
const START_TRIES = 5;
const REQUEST_MILLISECONDS = 1_000;
/** An election takes up to 9 seconds if the first vote is split. */
const READY_MILLISECONDS = 40_000;

/** The servers that store a stream, according to its leader. */
export interface StreamPlacement {
  readonly leader: Nats;
  readonly followers: readonly Nats[];
  /** The followers that have not caught up with the leader. */
  readonly behind: readonly Nats[];
}

/** A cluster of three servers. The methods of {@link Nats} act on all of them at the same time. */
export interface NatsCluster extends Nats {
  readonly servers: readonly Nats[];
  /**
   * Resolves when JetStream answers through every running server. For a moment longer, it may reject a
   * stream with three replicas, because its leader has not yet heard from the other servers.
   */
  ready(): Promise<void>;
  /** Undefined if the stream does not exist or has no leader. */
  placement(stream: string): Promise<StreamPlacement | undefined>;
}

/**
 * Starts three nats-servers on 127.0.0.1, each with deploy/nats.conf and the cluster's options on the
 * command line. Ignores `NATS_URL`, because the purpose of a cluster is to break its servers.
 */
export async function startNatsCluster(options: NatsOptions): Promise<NatsCluster> {
  const program = options.server ?? (await ensureNatsServer(options));
  for (let attempt = 1; ; attempt++) {
    const reserved = await reservePorts(attempt === 1 ? (options.port ?? 0) : 0);
    const servers = NAMES.map((name) => memberOf(reserved, name, options, program));
    const cluster = clusterOf(servers, program, options.passwords.auth);
    try {
      await startAll(cluster);
      return cluster;
    } catch (error) {
      await cluster.kill();
      for (const { client, route } of Object.values(reserved))
        [client, route].forEach((port) => port.release());
      if (!isPortTaken(error) || attempt === START_TRIES) throw error;
    }
  }
}

async function startAll(cluster: NatsCluster): Promise<void> {
  // Wait for all, so that none is still starting when the failure of another ends the cluster.
  const started = await Promise.allSettled(cluster.servers.map((server) => server.restart()));
  for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason;
  await cluster.ready();
}

type Ports = Readonly<
  Record<string, { readonly client: ReservedPort; readonly route: ReservedPort }>
>;

async function reservePorts(preferred: number): Promise<Ports> {
  const ports: Record<string, { client: ReservedPort; route: ReservedPort }> = {};
  for (const [index, name] of NAMES.entries()) {
    const client = await reservePort(preferred === 0 ? 0 : preferred + index);
    ports[name] = { client, route: await reservePort() };
  }
  return ports;
}

function memberOf(reserved: Ports, name: string, options: NatsOptions, program: Program): Nats {
  const own = reserved[name];
  if (!own) throw new Error(`${name} has no ports`);
  const storeDirectory = join(options.storeDirectory, name);
  mkdirSync(storeDirectory, { recursive: true, mode: 0o700 });
  const address = (port: number) => `nats://127.0.0.1:${port}`;
  const routes = Object.values(reserved).map(({ route }) => address(route.port));
  const args = [
    ['--name', name],
    ['--cluster_name', CLUSTER_NAME],
    ['--cluster', address(own.route.port)],
    ['--routes', routes.join(',')],
    // Otherwise clients would learn the addresses of the servers and bypass a proxy.
    ['--no_advertise'],
  ].flat();
  const place = { name, port: own.client.port };
  return natsOn(natsProcess({ ...options, storeDirectory }, program, place, args), place, program);
}

function clusterOf(servers: readonly Nats[], program: Program, password: string): NatsCluster {
  const all = async (act: (server: Nats) => Promise<unknown>) => {
    await Promise.all(servers.map(act));
  };
  const [first] = servers;
  if (!first) throw new Error('a cluster needs at least one server');
  const ready = () => all((server) => untilJetStreamAnswers(server, password));
  return {
    name: CLUSTER_NAME,
    url: servers.map(({ url }) => url).join(','),
    port: first.port,
    server: program,
    pid: undefined,
    servers,
    stop: () => all((server) => server.stop()),
    kill: () => all((server) => server.kill()),
    restart: async () => {
      await all((server) => server.restart());
      await ready();
    },
    signal: (signal) => servers.forEach((server) => server.signal(signal)),
    ready,
    placement: (stream) => placementOf(stream, servers, password),
  };
}

/** The JetStream leader answers, through whichever server it is asked. */
async function untilJetStreamAnswers(server: Nats, password: string): Promise<void> {
  await waitFor(
    async () => server.pid === undefined || !('error' in (await ask(server, password, 'INFO'))),
    { what: `JetStream through ${server.name}`, timeoutMs: READY_MILLISECONDS },
  );
}

interface StreamInfoReply {
  readonly cluster?: {
    readonly leader?: string;
    readonly replicas?: readonly { readonly name: string; readonly current: boolean }[];
  };
}

async function placementOf(
  stream: string,
  servers: readonly Nats[],
  password: string,
): Promise<StreamPlacement | undefined> {
  const questions = servers
    .filter(({ pid }) => pid !== undefined)
    .map((server) => ask(server, password, `STREAM.INFO.${stream}`));
  // A frozen or dead server does not answer; the answer of any other one is enough.
  const { cluster }: StreamInfoReply = await Promise.any(questions).catch(() => ({}));
  const named = (name: string) => servers.find((server) => server.name === name);
  const leader = named(cluster?.leader ?? '');
  if (!leader) return undefined;
  const others = cluster?.replicas ?? [];
  const serversOf = (copies: typeof others) => copies.flatMap(({ name }) => named(name) ?? []);
  const behind = serversOf(others.filter(({ current }) => !current));
  return { leader, followers: serversOf(others), behind };
}

/** Calls the JetStream API through one server, as the user `auth`. */
async function ask(server: Nats, password: string, call: string): Promise<object> {
  const connection = await connect({
    servers: server.url,
    user: 'auth',
    pass: password,
    inboxPrefix: '_INBOX_auth',
    reconnect: false,
    timeout: REQUEST_MILLISECONDS,
  });
  try {
    const reply = await connection.request(`$JS.API.${call}`, '', {
      timeout: REQUEST_MILLISECONDS,
    });
    return reply.json<object>();
  } finally {
    await connection.close();
  }
}
