import { createIndexConcurrently } from '@latchkey/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Indexes the revocations to publish and those to sign again. */
export class RevocationBacklogIndexes1700000001810 implements MigrationInterface {
  readonly name = 'RevocationBacklogIndexes1700000001810';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(
      runner,
      'revocations_to_sign_again',
      'revocations (id) WHERE published_at IS NOT NULL AND signed_by IS NULL',
    );
    // The relay publishes the oldest first, and reads the age of the oldest.
    await createIndexConcurrently(
      runner,
      'revocations_backlog',
      'revocations (created_at, id) WHERE published_at IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX revocations_backlog');
    await runner.query('DROP INDEX revocations_to_sign_again');
  }
}
