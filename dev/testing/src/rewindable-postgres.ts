import {
  startOwnPostgres,
  temporaryDirectory,
  waitFor,
  type Launcher,
  type Postgres,
} from '@latchkey/local-stack';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, chownSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { createFaultProxy, type FaultProxy } from '@latchkey/local-stack';

const PROMOTION_TIMEOUT_MS = 30_000;

/** A standby that follows the primary until it is cut off, and can take its place. */
interface Standby {
  readonly server: Postgres;
  readonly replication: FaultProxy;
}

/**
 * A Postgres whose data can go back in time, as after an operator restores a backup or promotes a
 * standby that lags behind. Clients find the older data on the same port.
 */
export class RewindablePostgres {
  #standby: Standby | undefined;

  private constructor(
    private readonly processes: Launcher,
    private readonly directory: string,
    private readonly password: string,
    /** The current primary. */
    readonly server: Postgres,
  ) {}

  /** Starts a server that ends with the launcher's processes. */
  static async start(processes: Launcher): Promise<RewindablePostgres> {
    const directory = temporaryDirectory(processes);
    const password = randomBytes(12).toString('hex');
    const dataDirectory = join(directory, 'data');
    const server = await startOwnPostgres({ processes, dataDirectory, password, durable: false });
    return new RewindablePostgres(processes, directory, password, server);
  }

  /** Creates a database. @returns the URL for its owner */
  createDatabase(name: string): Promise<string> {
    return this.server.createDatabase(name, this.password);
  }

  /** Takes a backup. Restarts the server. */
  async backUp(): Promise<void> {
    await this.server.stop();
    this.#copyTo('backup');
    await this.server.restart();
  }

  /** Kills the server and restores the backup. */
  async restore(): Promise<void> {
    await this.server.kill();
    this.#replaceBy('backup');
    await this.server.restart();
  }

  /** Starts a standby, and waits until it replicates. Restarts the server. */
  async startStandby(): Promise<void> {
    await this.server.stop();
    this.#copyTo('standby');
    await this.server.restart();
    const replication = await createFaultProxy(this.server.url());
    const { port } = new URL(replication.through(this.server.url()));
    const dataDirectory = this.#path('standby');
    appendFileSync(
      join(dataDirectory, 'postgresql.auto.conf'),
      `primary_conninfo = 'host=127.0.0.1 port=${port} user=postgres password=${this.password}'\n`,
    );
    const signal = join(dataDirectory, 'standby.signal');
    writeFileSync(signal, '');
    const { uid, gid } = statSync(dataDirectory);
    chownSync(signal, uid, gid);
    const { processes, password } = this;
    const server = await startOwnPostgres({ processes, dataDirectory, password, durable: false });
    this.#standby = { server, replication };
    await waitFor(
      async () => (await this.#ask(this.server, 'SELECT FROM pg_stat_replication')).length > 0,
      { what: 'replication', timeoutMs: PROMOTION_TIMEOUT_MS },
    );
  }

  /** Waits until the standby has caught up, and then cuts it off from the primary. */
  async cutStandbyOff(): Promise<void> {
    const { replication } = this.#running();
    await waitFor(
      async () => {
        const caughtUp = 'SELECT FROM pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn()';
        return (await this.#ask(this.server, caughtUp)).length > 0;
      },
      { what: 'a standby that has caught up', timeoutMs: PROMOTION_TIMEOUT_MS },
    );
    replication.cut();
  }

  /** Kills the primary and promotes the standby on its port. */
  async failOver(): Promise<void> {
    const { server, replication } = this.#running();
    await this.server.kill();
    await server.stop();
    this.#replaceBy('standby');
    await this.server.restart();
    await this.#ask(this.server, 'SELECT pg_promote()');
    await replication.close();
    this.#standby = undefined;
  }

  async close(): Promise<void> {
    await this.#standby?.replication.close();
    await Promise.all([this.#standby?.server.stop(), this.server.stop()]);
  }

  #running(): Standby {
    if (!this.#standby) throw new Error('there is no standby; call startStandby() first');
    return this.#standby;
  }

  #path(name: string): string {
    return join(this.directory, name);
  }

  #copyTo(name: string): void {
    rmSync(this.#path(name), { recursive: true, force: true });
    // Preserve owner and mode, which Postgres checks.
    execFileSync('cp', ['-a', this.#path('data'), this.#path(name)]);
    rmSync(join(this.#path(name), 'postmaster.pid'), { force: true });
  }

  #replaceBy(name: string): void {
    rmSync(this.#path('data'), { recursive: true });
    renameSync(this.#path(name), this.#path('data'));
  }

  async #ask(server: Postgres, question: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: server.url() });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(question)).rows;
    } finally {
      await client.end();
    }
  }
}
