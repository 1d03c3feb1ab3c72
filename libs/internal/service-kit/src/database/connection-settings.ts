import type { ClientBase } from 'pg';

export interface ConnectionLimits {
  /** Also limits how long a transaction may be idle. 0 disables both limits. */
  readonly statementMilliseconds: number;
}

/**
 * Settings that the services' statements rely on. A database or a role can override the default of each: a
 * German `DateStyle` makes dates unreadable, `serializable` makes parallel log-ins fail, and
 * `synchronous_commit = off` can lose acknowledged log-outs in a crash.
 */
export const connectionSettings = ({ statementMilliseconds }: ConnectionLimits) => ({
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  client_encoding: 'UTF8',
  bytea_output: 'hex',
  extra_float_digits: '1',
  array_nulls: 'on',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  search_path: '"$user", public',
  row_security: 'on',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  statement_timeout: `${statementMilliseconds}`,
  idle_in_transaction_session_timeout: `${statementMilliseconds}`,
  // The statement timeout includes the time spent waiting for locks.
  lock_timeout: '0',
  // Exists since Postgres 17.
  transaction_timeout: '0',
  // The pool decides when an idle connection ends.
  idle_session_timeout: '0',
});

/** Weaker than what an acknowledged request promises. Stronger settings such as `remote_apply` are kept. */
const WEAK_COMMITS = ['off', 'local', 'remote_write'];

// The join with pg_settings skips settings that this server version does not know; naming one is an error.
const APPLY = `
  SELECT set_config(setting.name, wanted.value, false)
  FROM jsonb_each_text($1::jsonb) AS wanted (name, value)
  JOIN pg_catalog.pg_settings AS setting ON lower(setting.name) = lower(wanted.name)
  UNION ALL
  SELECT set_config('synchronous_commit', 'on', false)
  WHERE current_setting('synchronous_commit') = ANY ($2)`;

/**
 * Makes a new connection independent of the defaults of its database and role.
 *
 * This is a statement, not a set of startup parameters, because poolers such as pgbouncer refuse parameters
 * that they do not know.
 */
export async function applySettings(client: ClientBase, limits: ConnectionLimits): Promise<void> {
  // This comes first, because the default may be too short for the next statement.
  await client.query(`SET statement_timeout = ${limits.statementMilliseconds}`);
  await client.query(APPLY, [JSON.stringify(connectionSettings(limits)), WEAK_COMMITS]);
}
