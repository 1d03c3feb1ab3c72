import { chmodSync, cpSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { canEnter, databaseUser, giveTo, type DatabaseUser } from '../processes/database-user.js';
import {
  ensureProgram,
  programEnvironment,
  type Program,
  type WantedProgram,
} from '../programs/ensure-program.js';
import type { Launcher } from '../processes/launcher.js';
import { ManagedProcess } from '../processes/managed-process.js';
import { startOnFreePort } from '../processes/start-on-free-port.js';

const PGBOUNCER: WantedProgram = {
  name: 'pgbouncer',
  oldestVersion: '1.12.0',
  package: { packageName: 'pgbouncer', suite: 'own', file: 'usr/sbin/pgbouncer' },
  howToInstall: ['Linux:   apt-get install pgbouncer', 'macOS:   brew install pgbouncer'],
};

export interface PgbouncerOptions {
  processes: Launcher;
  /** The URL of the database, as a superuser. */
  url: string;
  mode: 'session' | 'transaction';
  /** The pool size. With it, clients get connections round robin instead of the one used last. */
  roundRobin?: number | undefined;
  /** A directory that the database account can enter. */
  directory: string;
}

/**
 * Starts pgbouncer in front of one database, for tests.
 *
 * @returns the URL of the database through pgbouncer
 * @throws {ProgramMissingError}
 */
export async function startPgbouncer(options: PgbouncerOptions): Promise<string> {
  const { processes, directory } = options;
  const user = databaseUser(); // pgbouncer refuses to run as root, too
  const got = await ensureProgram(PGBOUNCER, { processes, stateDirectory: directory });
  const program = withinReach(got, user, directory);
  giveTo(user, directory);
  return startOnFreePort(0, async ({ port }) => {
    const configuration = join(directory, 'pgbouncer.ini');
    writeFileSync(configuration, configurationOf(options, port), { mode: 0o600 });
    chmodSync(configuration, 0o600);
    giveTo(user, configuration);
    const server = new ManagedProcess({
      processes,
      name: 'pgbouncer',
      command: program.path,
      args: [configuration],
      env: programEnvironment(program),
      logFile: join(directory, 'pgbouncer.log'),
      isReady: () => listens(port),
      ...user,
    });
    await server.start();
    const through = new URL(options.url);
    [through.hostname, through.port] = ['127.0.0.1', String(port)];
    return through.href;
  });
}

/** Copies the program if the account cannot access it, as in root's cache directory. */
function withinReach(program: Program, user: DatabaseUser | undefined, directory: string): Program {
  const folder = dirname(program.path);
  if (canEnter(user, folder)) return program;
  const copy = join(directory, 'program');
  cpSync(folder, copy, { recursive: true });
  const { libraryPath } = program;
  return {
    ...program,
    path: join(copy, basename(program.path)),
    ...(libraryPath !== undefined && { libraryPath: libraryPath.replaceAll(folder, copy) }),
  };
}

function configurationOf({ url, mode, roundRobin }: PgbouncerOptions, port: number): string {
  const { hostname, port: serverPort, username, password, pathname } = new URL(url);
  const name = pathname.slice(1);
  const server = `host=${hostname} port=${serverPort} dbname=${name}`;
  return [
    '[databases]',
    `${name} = ${server} user=${username} password=${decodeURIComponent(password)}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    `pool_mode = ${mode}`,
    ...(roundRobin === undefined
      ? []
      : [`default_pool_size = ${roundRobin}`, 'server_round_robin = 1']),
    '',
  ].join('\n');
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
