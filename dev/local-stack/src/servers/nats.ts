import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { bareEnvironment, surroundings } from '../config.js';
import { ensureNatsServer } from '../programs/ensure-nats-server.js';
import type { Program } from '../programs/ensure-program.js';
import type { Launcher } from '../processes/launcher.js';
import { ManagedProcess } from '../processes/managed-process.js';
import { existingServer, ownServer, type LocalServer } from './local-server.js';
import { startOnFreePort } from '../processes/start-on-free-port.js';
import { SERVICE_NAMES, type AppName } from '../stack/stack-replicas.js';

/** A user of deploy/nats.conf: the auth service or a service that verifies. */
export type NatsUser = AppName;
export const NATS_USERS: readonly NatsUser[] = ['auth', ...SERVICE_NAMES];
export type NatsPasswords = Readonly<Record<NatsUser, string>>;

/** Makes a password for every user. */
export const natsPasswords = (make: (user: NatsUser, index: number) => string): NatsPasswords =>
  Object.fromEntries(
    NATS_USERS.map((user, index) => [user, make(user, index)]),
  ) as unknown as NatsPasswords;

const CONFIGURATION = fileURLToPath(new URL('../../../../deploy/nats.conf', import.meta.url));
const SINGLE = 'nats-server';

export interface NatsOptions {
  processes: Launcher;
  /** JetStream's files. */
  storeDirectory: string;
  /** The passwords by user, for each account of the configuration. */
  passwords: NatsPasswords & Readonly<Record<string, string>>;
  /** Keeps a downloaded server if the user's cache directory is not writable. */
  stateDirectory: string;
  /** The preferred port. Another one is used if it is taken. */
  port?: number;
  /** The configuration file. Default deploy/nats.conf. */
  configuration?: string;
  /** Further command-line arguments, such as `--tls`. */
  args?: readonly string[];
  /** The program. Default: the result of {@link ensureNatsServer}. */
  server?: Program;
  onProgress?: (message: string) => void;
}

/** Identifies one of several servers. */
export interface NatsPlace {
  readonly name: string;
  readonly port: number;
}

/** A NATS server, or a cluster, whose `url` lists the URLs of its servers separated by commas. */
export interface Nats extends LocalServer {
  /** The name in messages and within a cluster. */
  readonly name: string;
}

/**
 * Starts nats-server on 127.0.0.1 with deploy/nats.conf, or uses the existing server of `NATS_URL`.
 */
export async function startNats(options: NatsOptions): Promise<Nats> {
  const { natsUrl } = surroundings();
  if (natsUrl !== undefined && !options.server) return existingNats(natsUrl);
  const server = options.server ?? (await ensureNatsServer(options));
  mkdirSync(options.storeDirectory, { recursive: true, mode: 0o700 });
  return startOnFreePort(options.port, async ({ port }) => {
    const place = { name: SINGLE, port };
    const running = natsProcess(options, server, place, options.args);
    await running.start();
    return natsOn(running, place, server);
  });
}

/** The server that runs in a process of {@link natsProcess}. */
export function natsOn(running: ManagedProcess, { name, port }: NatsPlace, server: Program): Nats {
  const url = `nats://127.0.0.1:${port}`;
  return Object.assign(ownServer(running, { url, port, server }), { name });
}

function existingNats(url: string): Nats {
  const port = Number(new URL(url.split(',')[0] ?? url).port || 4222);
  return Object.assign(existingServer({ url, port }), { name: SINGLE });
}

/** A nats-server process. It is ready when it sends its greeting, even if JetStream is not. */
export function natsProcess(
  { processes, storeDirectory, passwords, configuration = CONFIGURATION }: NatsOptions,
  server: Program,
  { name, port }: NatsPlace,
  furtherArgs: readonly string[] = [],
): ManagedProcess {
  const secrets: Record<string, string> = {};
  for (const [user, password] of Object.entries(passwords))
    secrets[`NATS_${user.toUpperCase()}_PASSWORD`] = quoted(password);
  return new ManagedProcess({
    processes,
    name,
    command: server.path,
    args: ['-c', configuration, '-a', '127.0.0.1', '-p', String(port), ...furtherArgs],
    env: {
      ...bareEnvironment(),
      ...secrets,
      NATS_STORE_DIR: quoted(storeDirectory),
    },
    logFile: `${storeDirectory}.log`,
    isReady: () => greets(port),
  });
}

/**
 * Quotes a value, because nats-server parses the values of variables as configuration: `12` would be
 * a number and make the server panic, and `a#b` would lose its end.
 */
function quoted(value: string): string {
  if (/\p{Cc}/u.test(value))
    throw new Error('a value in nats.conf must not contain a control character');
  // The server would take the password for a bcrypt hash.
  if (value.startsWith('$2')) throw new Error('a NATS password must not start with "$2"');
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Whether a NATS server sends its greeting, `INFO {…}`. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
    const answer = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.once('data', (data) => answer(data.toString('latin1').startsWith('INFO ')));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}
