import { createIndexConcurrently } from '@latchkey/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A familiar address is remembered for months after its row was touched: the age alone finds too much. */
export class ExpiredCountersIndex1700000002020 implements MigrationInterface {
  readonly name = 'ExpiredCountersIndex1700000002020';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(
      runner,
      'login_throttle_expiry',
      'login_throttle (greatest(touched_at, familiar_until, blocked_until))',
    );
    // No statement of any release could use it.
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS login_throttle_age');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX login_throttle_age ON login_throttle (touched_at)');
    await runner.query('DROP INDEX login_throttle_expiry');
  }
}
