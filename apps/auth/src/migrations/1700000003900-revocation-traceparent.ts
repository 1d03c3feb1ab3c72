import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RevocationTraceparent1700000003900 implements MigrationInterface {
  readonly name = 'RevocationTraceparent1700000003900';

  /** Older replicas leave it empty. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE revocations ADD COLUMN traceparent varchar(55)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE revocations DROP COLUMN traceparent');
  }
}
