import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Earlier tokens and those of the previous release have no family. Their rows stay until their session goes. */
export class RefreshTokenFamilies1700000002000 implements MigrationInterface {
  readonly name = 'RefreshTokenFamilies1700000002000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE refresh_tokens ADD COLUMN family_hash bytea');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE refresh_tokens DROP COLUMN family_hash');
  }
}
