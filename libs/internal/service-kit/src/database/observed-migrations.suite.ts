import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';

type MigrationClass = new () => MigrationInterface;

/** The tables of a service while it is migrated. */
export interface Tables {
  /** Tables that can be large, each with a statement that fills its first columns with `$1` rows. */
  readonly growing: Readonly<Record<string, string>>;
  /** Tables that stay small enough to be read or rewritten under a lock. */
  readonly small: readonly string[];
}

/** Rows of each growing table: more than one transaction may write. */
const ROWS = 1_200;
const WRITTEN_AT_ONCE = 1_000;
/** TypeORM's own. */
const MIGRATIONS_TABLE = 'migrations';
/** These modes keep others from writing to a table. */
const BLOCKING = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];
/** Postgres runs these in transactions of its own, in which it blocks no writer. */
const CONCURRENT = /^\s*(create\s+(unique\s+)?|drop\s+|re)index\s+concurrently\b/i;

const LOCKED = `
  SELECT DISTINCT relation::int AS table, mode FROM pg_locks
  WHERE pid = pg_backend_pid() AND granted AND mode = ANY ($2) AND relation = ANY ($1::oid[])`;
/** Postgres counts for each transaction what it read; building an index and checking a constraint read as well. */
const WORK = `
  SELECT relid::int AS table, seq_tup_read::int AS read, (n_tup_upd + n_tup_del)::int AS written
  FROM pg_stat_xact_user_tables WHERE relid = ANY ($1::oid[])`;

interface Work {
  readonly table: number;
  readonly read: number;
  readonly written: number;
}

/**
 * Runs migrations on tables with rows and finds those for which a service would stand still: those that
 * read a growing table in a transaction that locks any table against writers, or that lock many rows at
 * once. Asks Postgres for its locks and counters, so nothing depends on how long a migration takes.
 */
export class ObservedMigrations {
  readonly findings: string[] = [];
  /** Names of the tables that were there before the migration that runs, by their oids. */
  #tables = new Map<number, string>();

  constructor(
    private readonly url: string,
    private readonly expected: Tables,
  ) {}

  /** @returns the same migration, observed */
  observe(Original: MigrationClass): MigrationClass {
    const up = (migration: MigrationInterface, runner: QueryRunner) => this.#up(migration, runner);
    return class implements MigrationInterface {
      readonly #original = new Original();
      readonly name = this.#original.name!;
      readonly transaction = this.#original.transaction!;
      up = (runner: QueryRunner) => up(this.#original, runner);
      down = (runner: QueryRunner) => this.#original.down(runner);
    };
  }

  async #up(migration: MigrationInterface, runner: QueryRunner): Promise<void> {
    await this.#fill();
    const name = migration.name ?? '';
    if (runner.isTransactionActive) await this.#during(name, runner, () => migration.up(runner));
    else await migration.up(this.#byStatements(name, runner));
  }

  /** Outside of a transaction each statement is one of its own. */
  #byStatements(name: string, runner: QueryRunner): QueryRunner {
    const query = async (sql: string, parameters?: unknown[]): Promise<unknown> => {
      const send = () => runner.query(sql, parameters);
      if (CONCURRENT.test(sql)) return send();
      await runner.startTransaction();
      try {
        const result: unknown = await this.#during(name, runner, send);
        await runner.commitTransaction();
        return result;
      } catch (error) {
        await runner.rollbackTransaction();
        throw error;
      }
    };
    return Object.create(runner, { query: { value: query } }) as QueryRunner;
  }

  async #during<Result>(
    name: string,
    runner: QueryRunner,
    run: () => Promise<Result>,
  ): Promise<Result> {
    const tables = [...this.#tables.keys()];
    const work = async () => (await runner.query(WORK, [tables])) as Work[];
    const before = await work();
    const result = await run();
    const locks = (await runner.query(LOCKED, [tables, BLOCKING])) as {
      table: number;
      mode: string;
    }[];
    const held = locks.map(({ table, mode }) => `${mode} on ${this.#tables.get(table)}`).sort();
    for (const done of await work()) {
      const earlier = before.find(({ table }) => table === done.table);
      this.#judge(name, done, earlier, held);
    }
    return result;
  }

  #judge(name: string, done: Work, earlier: Work | undefined, held: readonly string[]): void {
    const table = this.#tables.get(done.table)!;
    if (!(table in this.expected.growing)) return;
    const read = done.read - (earlier?.read ?? 0);
    const written = done.written - (earlier?.written ?? 0);
    if (read > 0 && held.length > 0)
      this.findings.push(`${name} reads all of ${table} with ${held.join(', ')}`);
    if (written > WRITTEN_AT_ONCE)
      this.findings.push(`${name} writes ${written} rows of ${table} in one transaction`);
  }

  /** On a connection of its own, so that the rows are there for every transaction. */
  async #fill(): Promise<void> {
    const { growing } = this.expected;
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    try {
      this.#tables = await tablesOf(client);
      const names = [...this.#tables.values()];
      for (const [table, insert] of Object.entries(growing))
        if (names.includes(table)) await fillEmpty(client, table, insert);
    } finally {
      await client.end();
    }
  }

  /** Tables that nobody has said to be growing or small. */
  async unknownTables(): Promise<string[]> {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    try {
      const { growing, small } = this.expected;
      const known = [...Object.keys(growing), ...small, MIGRATIONS_TABLE];
      return [...(await tablesOf(client)).values()].filter((name) => !known.includes(name));
    } finally {
      await client.end();
    }
  }
}

async function tablesOf(client: pg.Client): Promise<Map<number, string>> {
  const { rows } = await client.query<{ oid: number; name: string }>(
    `SELECT oid::int, relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm')`,
  );
  return new Map(rows.map(({ oid, name }) => [oid, name]));
}

async function fillEmpty(client: pg.Client, table: string, insert: string): Promise<void> {
  const { rowCount } = await client.query(`SELECT FROM ${table} LIMIT 1`);
  if (rowCount === 0) await client.query(insert, [ROWS]);
}
