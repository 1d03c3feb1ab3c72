import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds columns only. A reservation of the previous release is reconciled like any other. */
export class ReconciledReservations1700000002300 implements MigrationInterface {
  readonly name = 'ReconciledReservations1700000002300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE reservations
        ADD COLUMN reconciled_at timestamptz,
        ADD COLUMN reconcile_tried_at timestamptz`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE reservations DROP COLUMN reconciled_at, DROP COLUMN reconcile_tried_at`);
  }
}
