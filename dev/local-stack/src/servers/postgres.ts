import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { commandOf } from '../../reaper/process-identity.mjs';
import { bareEnvironment, surroundings } from '../config.js';
import { databaseUser, giveTo, type DatabaseUser } from '../processes/database-user.js';
import type { Launcher } from '../processes/launcher.js';
import { ManagedProcess } from '../processes/managed-process.js';
import { findPostgres } from '../programs/postgres-binaries.js';
import { createOwnDatabase, ownName, type DataOwner } from './own-databases.js';
import { createDatabase, databaseUrl } from './postgres-database.js';
import { startOnFreePort } from '../processes/start-on-free-port.js';

const SUPERUSER = 'postgres';
/** Longer than a reaper takes to end the server of a starter that was killed. */
const PREDECESSOR_TIMEOUT_MS = 15_000;

export interface PostgresOptions {
  processes: Launcher;
  /** Created at the first start. The database account must be able to enter its parent. */
  dataDirectory: string;
  /** The superuser's password, which must be the one that the data directory was created with. */
  password: string;
  /** The preferred port. Another one is used if it is taken. */
  port?: number;
  /** False disables fsync: data survives a crash of the server, but not of the machine. Default true. */
  durable?: boolean;
  /** The owner of the databases on a shared server. */
  owner?: DataOwner;
  onProgress?: (message: string) => void;
}

export interface Postgres {
  readonly port: number;
  /** The server's main process; undefined if it does not run or is an existing server. */
  readonly pid: number | undefined;
  /** A superuser's URL for the server or for a database created by {@link createDatabase}. */
  url(database?: string): string;
  /**
   * Creates a database unless it exists, and returns its URL. With a password, the database belongs to
   * a role of the same name, which cannot connect to the databases of other services. On an existing
   * server the password is required, and the names of both get a prefix.
   *
   * @param connectionLimit the connection limit of the role
   * @throws {NamedServerError} if another owner created the database or role on an existing server
   */
  createDatabase(name: string, password?: string, connectionLimit?: number): Promise<string>;
  /** Shuts the server down; it closes its connections. */
  stop(): Promise<void>;
  /** Ends the server with SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Stops the server if it runs, and starts it on the same port and data. */
  restart(): Promise<void>;
}

/**
 * Starts PostgreSQL on 127.0.0.1, or uses the existing server of `LATCHKEY_POSTGRES_URL`, on which
 * `stop`, `kill` and `restart` do nothing.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { postgresUrl } = surroundings();
  return postgresUrl === undefined
    ? startOwnPostgres(options)
    : existingPostgres(postgresUrl, options.owner);
}

/** Starts PostgreSQL even if `LATCHKEY_POSTGRES_URL` is set, for tests that break the server. */
export async function startOwnPostgres(options: PostgresOptions): Promise<Postgres> {
  const user = databaseUser();
  const binaries = findPostgres(user);
  if (!existsSync(join(options.dataDirectory, 'PG_VERSION'))) {
    options.onProgress?.('creating a Postgres data directory');
    await initialize(binaries.initdb, options, user);
  }
  await predecessorGone(options.dataDirectory);
  return startOnFreePort(options.port, async ({ port }) => {
    const server = serverProcess(binaries.postgres, options, user, port);
    await server.start();
    return postgresOn(server, port, options.password);
  });
}

function existingPostgres(adminUrl: string, owner: DataOwner | undefined): Postgres {
  const nothing = () => Promise.resolve();
  return {
    port: Number(new URL(adminUrl).port || 5432),
    pid: undefined,
    url: (database) =>
      database === undefined ? adminUrl : databaseUrl(adminUrl, ownName(database)),
    createDatabase: (name, password, connectionLimit) => {
      if (password === undefined || owner === undefined)
        throw new Error('a database on an existing server needs a password and an owner');
      return createOwnDatabase(adminUrl, name, { password, connectionLimit }, owner);
    },
    stop: nothing,
    kill: nothing,
    restart: nothing,
  };
}

function postgresOn(server: ManagedProcess, port: number, password: string): Postgres {
  const adminUrl = adminUrlOf(port, password);
  return {
    port,
    get pid() {
      return server.pid;
    },
    url: (database = SUPERUSER) => databaseUrl(adminUrl, database),
    createDatabase: (...database) => createDatabase(adminUrl, ...database),
    // The port stays reserved, for a restart.
    stop: () => server.stop(),
    kill: () => server.kill(),
    restart: () => server.restart(),
  };
}

const adminUrlOf = (port: number, password: string) =>
  `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${SUPERUSER}`;

/** Renames the data directory when it is complete, so that a killed start leaves no partial one. */
async function initialize(
  initdb: string,
  { processes, dataDirectory, password, durable = true }: PostgresOptions,
  user: DatabaseUser | undefined,
): Promise<void> {
  const draft = `${dataDirectory}.new`;
  const passwordFile = `${dataDirectory}.password`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(dirname(dataDirectory), { recursive: true, mode: 0o711 });
  mkdirSync(draft, { mode: 0o700 });
  giveTo(user, draft);
  try {
    writeFileSync(passwordFile, password, { mode: 0o600 });
    chmodSync(passwordFile, 0o600);
    giveTo(user, passwordFile);
    const args = [
      `--pgdata=${draft}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Independent of the locales that are installed on this machine.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(durable ? [] : ['--no-sync']),
    ];
    const run = new ManagedProcess({
      processes,
      name: 'initdb',
      command: initdb,
      args,
      env: environment(),
      logFile: `${dataDirectory}.log`,
      ...user,
    });
    await run.run();
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(draft, dataDirectory);
}

const environment = () => ({ ...bareEnvironment(), LC_ALL: 'C' });

function serverProcess(
  command: string,
  { processes, dataDirectory, password, durable = true }: PostgresOptions,
  user: DatabaseUser | undefined,
  port: number,
): ManagedProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 300,
    ...(!durable && { fsync: 'off', full_page_writes: 'off' }),
  };
  return new ManagedProcess({
    processes,
    name: 'Postgres',
    command,
    args: [
      ...['-D', dataDirectory, '-p', String(port)],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: environment(),
    logFile: `${dataDirectory}.log`,
    // Fast shutdown: closes the connections and writes a checkpoint.
    stopSignal: 'SIGINT',
    isReady: () => answers(adminUrlOf(port, password)),
    ...user,
  });
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // the server may close the connection while it starts
  try {
    await client.connect();
    return true;
  } catch (error) {
    // 28P01: the server runs, but the data directory was created with another password.
    if ((error as { code?: string }).code === '28P01') throw error;
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Waits until the previous server on the data directory has ended, and removes a stale pid file.
 * Postgres refuses to start while the pid in postmaster.pid is alive, even if another process reuses it.
 */
async function predecessorGone(dataDirectory: string): Promise<void> {
  const pidFile = join(dataDirectory, 'postmaster.pid');
  const deadline = performance.now() + PREDECESSOR_TIMEOUT_MS;
  for (;;) {
    const text = readIfThere(pidFile);
    if (text === undefined) return;
    const pid = Number.parseInt(text, 10);
    if (!commandOf(pid)?.includes(dataDirectory)) return rmSync(pidFile, { force: true });
    if (performance.now() > deadline)
      throw new Error(`Postgres (process ${pid}) is already running on ${dataDirectory}`);
    await delay(50);
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
