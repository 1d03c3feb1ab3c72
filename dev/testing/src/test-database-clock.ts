import pg from 'pg';

/** The clock of one database, which a test can set. */
export interface TestDatabaseClock {
  /** Sets the clock ahead, or behind if negative. Takes effect with the next statement. */
  set(aheadSeconds: number): Promise<void>;
  /** Stops the clock. {@link set} still moves it. */
  stop(): Promise<void>;
}

const CLOCKS = [
  ['clock_timestamp', 'VOLATILE'],
  ['statement_timestamp', 'STABLE'],
  ['transaction_timestamp', 'STABLE'],
  ['now', 'STABLE'],
] as const;

/**
 * Makes the clock of a database adjustable, for every connection that is opened later. It replaces
 * Postgres's own functions in the catalogue of this database, because connections set a search path.
 * Call it before the migrations, because views and defaults keep the functions that they were created
 * with.
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
    'CREATE SCHEMA adjustable_clock',
    `CREATE TABLE adjustable_clock.setting AS
     SELECT interval '0 s' AS ahead, NULL::timestamptz AS stopped_at`,
    'SET allow_system_table_mods = on',
    ...CLOCKS.flatMap(([name, volatility]) => [
      `ALTER FUNCTION pg_catalog.${name}() RENAME TO true_${name}`,
      `CREATE FUNCTION pg_catalog.${name}() RETURNS timestamptz LANGUAGE sql ${volatility}
       AS 'SELECT coalesce(stopped_at, pg_catalog.true_${name}()) + ahead
           FROM adjustable_clock.setting'`,
    ]),
    'GRANT USAGE ON SCHEMA adjustable_clock TO PUBLIC',
    'GRANT SELECT ON adjustable_clock.setting TO PUBLIC',
  );
  return {
    set: (aheadSeconds) =>
      run(`UPDATE adjustable_clock.setting SET ahead = make_interval(secs => ${aheadSeconds})`),
    stop: () =>
      run('UPDATE adjustable_clock.setting SET stopped_at = pg_catalog.true_clock_timestamp()'),
  };
}
