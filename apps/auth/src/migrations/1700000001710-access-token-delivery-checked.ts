import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Validates the check on existing rows, without blocking reads and writes. */
export class AccessTokenDeliveryChecked1700000001710 implements MigrationInterface {
  readonly name = 'AccessTokenDeliveryChecked1700000001710';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sessions
        VALIDATE CONSTRAINT sessions_access_delivery_check,
        VALIDATE CONSTRAINT sessions_check1`);
  }

  /** A validated constraint stays valid. */
  async down(): Promise<void> {}
}
