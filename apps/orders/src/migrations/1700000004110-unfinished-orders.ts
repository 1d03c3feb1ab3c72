import { createIndexConcurrently } from '@latchkey/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Without a transaction, because the table may be large. */
export class UnfinishedOrders1700000004110 implements MigrationInterface {
  readonly name = 'UnfinishedOrders1700000004110';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(
      runner,
      'orders_unfinished',
      "orders (leased_until) WHERE state = 'pending' AND NOT payment_attempted",
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX CONCURRENTLY orders_unfinished');
  }
}
