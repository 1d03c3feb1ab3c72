import { createIndexConcurrently } from '@latchkey/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Without a transaction, because the table may be large. */
export class ReservationsToReconcile1700000002310 implements MigrationInterface {
  readonly name = 'ReservationsToReconcile1700000002310';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(
      runner,
      'reservations_to_reconcile',
      'reservations (expires_at) WHERE reconciled_at IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX CONCURRENTLY reservations_to_reconcile');
  }
}
