import type { MigrationInterface, QueryRunner } from 'typeorm';

const SESSION_COLUMNS = [
  'id',
  'user_id',
  'client_id',
  'refresh_delivery',
  'user_agent',
  'auth_time',
  'created_at',
  'last_used_at',
  'idle_expires_at',
  'absolute_expires_at',
  'ended_at',
  'end_reason',
  'access_delivery',
].map((column) => `sessions.${column}`);
const USER_COLUMNS = ['users.username', 'users.scope', 'users.roles'];
const ADDRESSES = ['sessions.login_address', 'sessions.last_address'];

/**
 * Not in the transaction that adds the columns: a query locks the view before its tables, so that transaction, which has
 * locked a table, could wait for a query that waits for it. A view in use can be replaced if its new columns come last.
 */
export class LiveSessionAddresses1700000004110 implements MigrationInterface {
  readonly name = 'LiveSessionAddresses1700000004110';

  async up(runner: QueryRunner): Promise<void> {
    await replaceLiveSessions(runner, ADDRESSES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP VIEW live_sessions');
    await replaceLiveSessions(runner, []);
  }
}

async function replaceLiveSessions(runner: QueryRunner, added: readonly string[]): Promise<void> {
  await runner.query(`
    CREATE OR REPLACE VIEW live_sessions AS
    SELECT ${[...SESSION_COLUMNS, ...USER_COLUMNS, ...added].join(', ')}
    FROM sessions
    JOIN users ON users.id = sessions.user_id
    LEFT JOIN clients ON clients.id = sessions.client_id
    WHERE sessions.ended_at IS NULL
      AND least(sessions.idle_expires_at, sessions.absolute_expires_at) > clock_timestamp()
      AND users.disabled_at IS NULL
      AND sessions.auth_time >= users.tokens_valid_from
      AND sessions.auth_time >= coalesce(clients.tokens_valid_from, 0)`);
}
