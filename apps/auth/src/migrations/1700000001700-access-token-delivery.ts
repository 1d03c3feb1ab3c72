import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AccessTokenDelivery1700000001700 implements MigrationInterface {
  readonly name = 'AccessTokenDelivery1700000001700';

  /**
   * Recreates the view, because Postgres expands its `*` on creation. The next migration validates the
   * check, which reads every row.
   */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP VIEW live_sessions');
    await runner.query(`
      ALTER TABLE sessions
        ADD COLUMN access_delivery text NOT NULL DEFAULT 'body',
        ADD CONSTRAINT sessions_access_delivery_check
          CHECK (access_delivery IN ('body', 'cookie')) NOT VALID,
        ADD CONSTRAINT sessions_check1
          CHECK (access_delivery = 'body' OR refresh_delivery = 'cookie') NOT VALID`);
    await createLiveSessions(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP VIEW live_sessions');
    await runner.query('ALTER TABLE sessions DROP COLUMN access_delivery');
    await createLiveSessions(runner);
  }
}

async function createLiveSessions(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE VIEW live_sessions AS
    SELECT sessions.*, users.username, users.scope
    FROM sessions
    JOIN users ON users.id = sessions.user_id
    LEFT JOIN clients ON clients.id = sessions.client_id
    WHERE sessions.ended_at IS NULL
      AND least(sessions.idle_expires_at, sessions.absolute_expires_at) > clock_timestamp()
      AND users.disabled_at IS NULL
      AND sessions.auth_time >= users.tokens_valid_from
      AND sessions.auth_time >= coalesce(clients.tokens_valid_from, 0)`);
}
