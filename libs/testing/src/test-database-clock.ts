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
 * made with. It shadows Postgres's own functions by the search path, so that the code under test and
 * the server are both the real ones.
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
  const database = new URL(databaseUrl).pathname.slice(1);
  await run(
    'CREATE SCHEMA wrong_clock',
    "CREATE TABLE wrong_clock.setting AS SELECT interval '0 s' AS ahead",
    ...CLOCKS.map(
      ([name, volatility]) => `
        CREATE FUNCTION wrong_clock.${name}() RETURNS timestamptz LANGUAGE sql ${volatility}
        AS 'SELECT pg_catalog.${name}() + ahead FROM wrong_clock.setting'`,
    ),
    'GRANT USAGE ON SCHEMA wrong_clock TO PUBLIC',
    'GRANT SELECT ON wrong_clock.setting TO PUBLIC',
    `ALTER DATABASE ${pg.escapeIdentifier(database)} SET search_path = wrong_clock, pg_catalog, public`,
  );
  return {
    set: (aheadSeconds) =>
      run(`UPDATE wrong_clock.setting SET ahead = make_interval(secs => ${aheadSeconds})`),
  };
}
