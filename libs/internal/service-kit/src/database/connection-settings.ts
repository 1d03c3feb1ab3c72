import type { ClientBase } from 'pg';

export interface ConnectionLimits {
  /** Of a statement, and of a transaction in which nothing happens. 0 means none. */
  readonly statementMilliseconds: number;
}

/**
 * What the statements of all services rely on. A database and a role can have defaults of their own for
 * each of these: a German `DateStyle` makes dates unreadable, `serializable` makes parallel log-ins fail,
 * and `synchronous_commit = off` would lose answered log-outs in a crash.
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
  // The limit of a statement covers its waiting for locks.
  lock_timeout: '0',
  // Exists since Postgres 17.
  transaction_timeout: '0',
  // The pool decides when an idle connection ends.
  idle_session_timeout: '0',
});

/** Weaker than what an answered request promises; a stronger one, such as `remote_apply`, stays. */
const WEAK_COMMITS = ['off', 'local', 'remote_write'];

// By way of pg_settings, because naming a setting that this server does not know is an error.
const STATE = `
  SELECT set_config(setting.name, wanted.value, false)
  FROM jsonb_each_text($1::jsonb) AS wanted (name, value)
  JOIN pg_catalog.pg_settings AS setting ON lower(setting.name) = lower(wanted.name)
  UNION ALL
  SELECT set_config('synchronous_commit', 'on', false)
  WHERE current_setting('synchronous_commit') = ANY ($2)`;

/**
 * Makes a new connection independent of the defaults of its database and role.
 *
 * A statement rather than startup parameters: poolers such as pgbouncer refuse parameters that they do not
 * know.
 */
export async function stateSettings(client: ClientBase, limits: ConnectionLimits): Promise<void> {
  // By itself and first: the default may be too short for the statement that follows.
  await client.query(`SET statement_timeout = ${limits.statementMilliseconds}`);
  await client.query(STATE, [JSON.stringify(connectionSettings(limits)), WEAK_COMMITS]);
}
