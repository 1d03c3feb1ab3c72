import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CookieSessions1700000001600 implements MigrationInterface {
  readonly name = 'CookieSessions1700000001600';

  /** A session without a refresh token is one with a session cookie. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions ALTER COLUMN refresh_delivery DROP NOT NULL');
    await runner.query(
      'CREATE INDEX sessions_with_cookie ON sessions (user_id) WHERE refresh_delivery IS NULL AND ended_at IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX sessions_with_cookie');
    await runner.query('DELETE FROM sessions WHERE refresh_delivery IS NULL');
    await runner.query('ALTER TABLE sessions ALTER COLUMN refresh_delivery SET NOT NULL');
  }
}
