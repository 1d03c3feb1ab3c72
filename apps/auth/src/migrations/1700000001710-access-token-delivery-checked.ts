import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Checks the rows that were there before, while others read and write them. */
export class AccessTokenDeliveryChecked1700000001710 implements MigrationInterface {
  readonly name = 'AccessTokenDeliveryChecked1700000001710';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sessions
        VALIDATE CONSTRAINT sessions_access_delivery_check,
        VALIDATE CONSTRAINT sessions_check1`);
  }

  /** A constraint that was checked stays so. */
  async down(): Promise<void> {}
}
