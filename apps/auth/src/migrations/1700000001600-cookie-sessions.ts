import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CookieSessions1700000001600 implements MigrationInterface {
  readonly name = 'CookieSessions1700000001600';

  /** A session without a refresh token has a session cookie. A later migration adds the index. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions ALTER COLUMN refresh_delivery DROP NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX IF EXISTS sessions_with_cookie');
    await runner.query('DELETE FROM sessions WHERE refresh_delivery IS NULL');
    await runner.query('ALTER TABLE sessions ALTER COLUMN refresh_delivery SET NOT NULL');
  }
}
