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

export class UserRoles1700000003600 implements MigrationInterface {
  readonly name = 'UserRoles1700000003600';

  /**
   * The roles are null for users that the previous release stores, because it knows only `scope`. A view can be
   * replaced while it is in use if its columns stay and new ones are added at the end.
   */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users ADD COLUMN roles text[]');
    await replaceLiveSessions(runner, ['users.username', 'users.scope', 'users.roles']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP VIEW live_sessions');
    await replaceLiveSessions(runner, ['users.username', 'users.scope']);
    await runner.query('ALTER TABLE users DROP COLUMN roles');
  }
}

async function replaceLiveSessions(runner: QueryRunner, ofUser: readonly string[]): Promise<void> {
  await runner.query(`
    CREATE OR REPLACE VIEW live_sessions AS
    SELECT ${[...SESSION_COLUMNS, ...ofUser].join(', ')}
    FROM sessions
    JOIN users ON users.id = sessions.user_id
    LEFT JOIN clients ON clients.id = sessions.client_id
    WHERE sessions.ended_at IS NULL
      AND least(sessions.idle_expires_at, sessions.absolute_expires_at) > clock_timestamp()
      AND users.disabled_at IS NULL
      AND sessions.auth_time >= users.tokens_valid_from
      AND sessions.auth_time >= coalesce(clients.tokens_valid_from, 0)`);
}
