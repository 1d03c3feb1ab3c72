import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Older replicas leave the addresses empty. */
export class SessionAddresses1700000004100 implements MigrationInterface {
  readonly name = 'SessionAddresses1700000004100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE sessions ADD COLUMN login_address text, ADD COLUMN last_address text',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions DROP COLUMN login_address, DROP COLUMN last_address');
  }
}
