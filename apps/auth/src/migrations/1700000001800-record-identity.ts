import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Names the record, so that its stream can name its owner, and finds what has to be signed again. */
export class RecordIdentity1700000001800 implements MigrationInterface {
  readonly name = 'RecordIdentity1700000001800';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE revocation_stream ADD COLUMN record_id uuid NOT NULL DEFAULT gen_random_uuid()',
    );
    await runner.query(
      `CREATE INDEX revocations_to_sign_again ON revocations (id)
       WHERE published_at IS NOT NULL AND signed_by IS NULL`,
    );
    // The relay takes the oldest first, and asks for the age of the oldest.
    await runner.query(
      'CREATE INDEX revocations_backlog ON revocations (created_at, id) WHERE published_at IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX revocations_backlog');
    await runner.query('DROP INDEX revocations_to_sign_again');
    await runner.query('ALTER TABLE revocation_stream DROP COLUMN record_id');
  }
}
