import type { MigrationInterface, QueryRunner } from 'typeorm';

export class NewestToken1700000003100 implements MigrationInterface {
  readonly name = 'NewestToken1700000003100';

  /** A log-out everywhere covers this `iat`, because the clock may have been set back since. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions ADD COLUMN newest_iat bigint NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions DROP COLUMN newest_iat');
  }
}
