import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Gives the record an id, so that the stream can name its owner. */
export class RecordIdentity1700000001800 implements MigrationInterface {
  readonly name = 'RecordIdentity1700000001800';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE revocation_stream ADD COLUMN record_id uuid NOT NULL DEFAULT gen_random_uuid()',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE revocation_stream DROP COLUMN record_id');
  }
}
