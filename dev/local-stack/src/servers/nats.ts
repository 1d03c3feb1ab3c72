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

/** The users of deploy/nats.conf. */
export const NATS_USERS = ['auth', 'orders', 'inventory', 'payments'] as const;
export type NatsUser = (typeof NATS_USERS)[number];

const CONFIGURATION = fileURLToPath(new URL('../../../../deploy/nats.conf', import.meta.url));
const SINGLE = 'nats-server';

export interface NatsOptions {
  processes: Launcher;
  /** JetStream's files. */
  storeDirectory: string;
  passwords: Readonly<Record<NatsUser, string>>;
  /** Keeps a server that had to be got, when the user's cache directory cannot be written. */
  stateDirectory: string;
  /** Preferred; another one is taken when it is in use. */
  port?: number;
  /** A file instead of deploy/nats.conf. */
  configuration?: string;
  /** For the server's command line, such as `--tls`. */
  args?: readonly string[];
  /** Instead of {@link ensureNatsServer}. */
  server?: Program;
  onProgress?: (message: string) => void;
}

/** What tells one server of ours from another. */
export interface NatsPlace {
  readonly name: string;
  readonly port: number;
}

/** `url`: of a cluster, each server's, with commas between. */
export interface Nats extends LocalServer {
  /** For messages; in a cluster what the others know it by. */
  readonly name: string;
}

/**
 * A nats-server of our own on the loopback interface with deploy/nats.conf, or the one of
 * `NATS_URL`, which stays untouched by stop, kill and restart.
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

/** A process of {@link natsProcess} as what runs it sees it. */
export function natsOn(running: ManagedProcess, { name, port }: NatsPlace, server: Program): Nats {
  const url = `nats://127.0.0.1:${port}`;
  return Object.assign(ownServer(running, { url, port, server }), { name });
}

function existingNats(url: string): Nats {
  const port = Number(new URL(url.split(',')[0] ?? url).port || 4222);
  return Object.assign(existingServer({ url, port }), { name: SINGLE });
}

/** One nats-server with deploy/nats.conf; ready when it greets, whatever the state of JetStream. */
export function natsProcess(
  { processes, storeDirectory, passwords, configuration = CONFIGURATION }: NatsOptions,
  server: Program,
  { name, port }: NatsPlace,
  furtherArgs: readonly string[] = [],
): ManagedProcess {
  const secrets: Record<string, string> = {};
  for (const user of NATS_USERS)
    secrets[`NATS_${user.toUpperCase()}_PASSWORD`] = quoted(passwords[user]);
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
 * nats-server parses the value of a variable as configuration: `12` would be a number and end the
 * start with a panic, `a#b` would lose its end.
 */
function quoted(value: string): string {
  if (/\p{Cc}/u.test(value)) throw new Error('a control character cannot stand in nats.conf');
  // A bcrypt hash would be taken as one, and the text itself would no longer be the password.
  if (value.startsWith('$2')) throw new Error('a NATS password cannot start with "$2"');
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A NATS server speaks first: `INFO {…}`. */
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
