import pg from 'pg';

/** The clock of one database, which can be wrong. */
export interface TestDatabaseClock {
  /** How far it is ahead of the truth from the next statement on; negative for behind. */
  set(aheadSeconds: number): Promise<void>;
}

const CLOCKS = [
  ['clock_timestamp', 'VOLATILE'],
  ['statement_timestamp', 'STABLE'],
  ['transaction_timestamp', 'STABLE'],
  ['now', 'STABLE'],
] as const;

/**
 * Makes the clock of a database one that can leap, for every statement of every connection that is
 * opened later. Call it before the migrations: views and defaults keep the functions that they were
 * made with. It takes the place of Postgres's own functions in the catalogue of this one database, because
 * connections state their search path. The code under test and the server are both the real ones.
 */
export async function makeDatabaseClock(databaseUrl: string): Promise<TestDatabaseClock> {
  const run = async (...statements: string[]) => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await run(
    'CREATE SCHEMA wrong_clock',
    "CREATE TABLE wrong_clock.setting AS SELECT interval '0 s' AS ahead",
    'SET allow_system_table_mods = on',
    ...CLOCKS.flatMap(([name, volatility]) => [
      `ALTER FUNCTION pg_catalog.${name}() RENAME TO true_${name}`,
      `CREATE FUNCTION pg_catalog.${name}() RETURNS timestamptz LANGUAGE sql ${volatility}
       AS 'SELECT pg_catalog.true_${name}() + ahead FROM wrong_clock.setting'`,
    ]),
    'GRANT USAGE ON SCHEMA wrong_clock TO PUBLIC',
    'GRANT SELECT ON wrong_clock.setting TO PUBLIC',
  );
  return {
    set: (aheadSeconds) =>
      run(`UPDATE wrong_clock.setting SET ahead = make_interval(secs => ${aheadSeconds})`),
  };
}
