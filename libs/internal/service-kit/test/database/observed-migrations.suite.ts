import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';

type MigrationClass = new () => MigrationInterface;

/** The tables that a service's migrations create. */
export interface Tables {
  /** Tables that can become large, each with a statement that inserts `$1` rows. */
  readonly growing: Readonly<Record<string, string>>;
  /** Tables that stay small enough to be read or rewritten under a lock. */
  readonly small: readonly string[];
}

/** Each growing table gets more rows than one transaction may write. */
const ROWS = 1_200;
const WRITTEN_AT_ONCE = 1_000;
/** TypeORM's record of the migrations that ran. */
const MIGRATIONS_TABLE = 'migrations';
/** Lock modes that block writes to a table. */
const BLOCKING = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];
/** Postgres runs these in several transactions of its own, which do not block writes. */
const CONCURRENT = /^\s*(create\s+(unique\s+)?|drop\s+|re)index\s+concurrently\b/i;

const LOCKED = `
  SELECT DISTINCT relation::int AS table, mode FROM pg_locks
  WHERE pid = pg_backend_pid() AND granted AND mode = ANY ($2) AND relation = ANY ($1::oid[])`;
/** Postgres counts the rows that each transaction reads, also to build an index or to check a constraint. */
const WORK = `
  SELECT relid::int AS table, seq_tup_read::int AS read, (n_tup_upd + n_tup_del)::int AS written
  FROM pg_stat_xact_user_tables WHERE relid = ANY ($1::oid[])`;

interface Work {
  readonly table: number;
  readonly read: number;
  readonly written: number;
}

/**
 * Runs migrations on filled tables and finds those that would stop a service: migrations that scan a growing table
 * in a transaction that blocks writes to any table, or that write many rows in one transaction. It reads the locks
 * and counters of Postgres, so the result does not depend on timing.
 */
export class ObservedMigrations {
  readonly findings: string[] = [];
  /** The tables that existed before the current migration: name by oid. */
  #tables = new Map<number, string>();

  constructor(
    private readonly url: string,
    private readonly expected: Tables,
  ) {}

  /** Wraps a migration so that it is observed while it runs. */
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

  /** Outside a transaction, Postgres runs each statement in its own transaction. */
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

  /** Uses a separate connection, so that the rows are committed before the migration starts. */
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

  /** Tables that are listed neither as growing nor as small. */
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
