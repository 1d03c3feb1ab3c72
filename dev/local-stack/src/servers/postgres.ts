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
/** A server whose starter was killed is being ended by its reaper meanwhile. */
const PREDECESSOR_TIMEOUT_MS = 15_000;

export interface PostgresOptions {
  processes: Launcher;
  /** Made at the first start. Its parent must be a place that the database account can enter. */
  dataDirectory: string;
  /** The superuser's password; the one that the data directory was made with. */
  password: string;
  /** Preferred; another one is taken when it is in use. */
  port?: number;
  /** False trades safety for speed: for data that nobody wants back after a crash of the machine. */
  durable?: boolean;
  /** Whose the databases are that are made on a server of others. */
  owner?: DataOwner;
  onProgress?: (message: string) => void;
}

export interface Postgres {
  readonly port: number;
  /** The server, whose children do its work; undefined when it does not run or is not ours. */
  readonly pid: number | undefined;
  /** A superuser's URL, of the server or of a database that {@link createDatabase} made. */
  url(database?: string): string;
  /**
   * Makes a database if there is none of that name, and tells its URL. With a password it belongs
   * to a role of the same name, which can connect to no other service's database. On a server that is
   * not ours, both have names of their own there, and the password is needed.
   *
   * @param connectionLimit how many connections the role may have, so that it cannot take those of others
   * @throws {NamedServerError} on such a server, for what somebody else made
   */
  createDatabase(name: string, password?: string, connectionLimit?: number): Promise<string>;
  /** Ends it in order; connections are cut. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Stops it if it runs, and starts it on the same port and data. */
  restart(): Promise<void>;
}

/**
 * A PostgreSQL of our own on the loopback interface, or the one of `LATCHKEY_POSTGRES_URL`, which
 * stays untouched by stop, kill and restart, and of which nothing is used that was not made here.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { postgresUrl } = surroundings();
  return postgresUrl === undefined
    ? startOwnPostgres(options)
    : existingPostgres(postgresUrl, options.owner);
}

/** A PostgreSQL of our own, whatever the environment says: for tests in which it dies. */
export async function startOwnPostgres(options: PostgresOptions): Promise<Postgres> {
  const user = databaseUser();
  const binaries = findPostgres(user);
  if (!existsSync(join(options.dataDirectory, 'PG_VERSION'))) {
    options.onProgress?.('making a new Postgres data directory');
    await initialise(binaries.initdb, options, user);
  }
  await predecessorGone(options.dataDirectory);
  return startOnFreePort(options.port, async (reserved) => {
    const server = serverProcess(binaries.postgres, options, user, reserved.port);
    await server.start();
    return postgresOn(server, reserved, options.password);
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
        throw new Error('a database on a server of others has a role and an owner');
      return createOwnDatabase(adminUrl, name, { password, connectionLimit }, owner);
    },
    stop: nothing,
    kill: nothing,
    restart: nothing,
  };
}

function postgresOn(
  server: ManagedProcess,
  reserved: { port: number; release(): void },
  password: string,
): Postgres {
  const adminUrl = adminUrlOf(reserved.port, password);
  return {
    port: reserved.port,
    get pid() {
      return server.pid;
    },
    url: (database = SUPERUSER) => databaseUrl(adminUrl, database),
    createDatabase: (...database) => createDatabase(adminUrl, ...database),
    stop: async () => {
      await server.stop();
      reserved.release();
    },
    kill: () => server.kill(),
    restart: () => server.restart(),
  };
}

const adminUrlOf = (port: number, password: string) =>
  `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${SUPERUSER}`;

/** The directory gets its name when it is complete: a start that was killed leaves no half of one. */
async function initialise(
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
      // Neither depends on the locales that this machine happens to have.
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
    // Fast shutdown: cuts the connections, keeps the data in order.
    stopSignal: 'SIGINT',
    isReady: () => answers(adminUrlOf(port, password)),
    ...user,
  });
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // cut again while it starts
  try {
    await client.connect();
    return true;
  } catch (error) {
    // 28P01: it runs, but the password is another one than the data directory was made with.
    if ((error as { code?: string }).code === '28P01') throw error;
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Postgres itself refuses a data directory while the pid in postmaster.pid is alive, even when
 * that pid is somebody else's by now; and the server of a killed starter takes a moment to end.
 */
async function predecessorGone(dataDirectory: string): Promise<void> {
  const pidFile = join(dataDirectory, 'postmaster.pid');
  const deadline = performance.now() + PREDECESSOR_TIMEOUT_MS;
  while (existsSync(pidFile)) {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
    if (!commandOf(pid)?.includes(dataDirectory)) return rmSync(pidFile, { force: true });
    if (performance.now() > deadline)
      throw new Error(`a Postgres (pid ${pid}) is running on ${dataDirectory} already`);
    await delay(50);
  }
}
