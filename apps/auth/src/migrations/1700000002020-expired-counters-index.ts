import { createIndexConcurrently } from '@latchkey/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rows of familiar addresses are kept for months, so an index on their age alone would match too many. */
export class ExpiredCountersIndex1700000002020 implements MigrationInterface {
  readonly name = 'ExpiredCountersIndex1700000002020';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(
      runner,
      'login_throttle_expiry',
      'login_throttle (greatest(touched_at, familiar_until, blocked_until))',
    );
    // No statement of any release can use this index.
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS login_throttle_age');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX login_throttle_age ON login_throttle (touched_at)');
    await runner.query('DROP INDEX login_throttle_expiry');
  }
}
