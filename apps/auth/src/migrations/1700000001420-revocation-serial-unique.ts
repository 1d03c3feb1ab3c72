import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Turns the existing unique index into a constraint, without reading the table. */
export class RevocationSerialUnique1700000001420 implements MigrationInterface {
  readonly name = 'RevocationSerialUnique1700000001420';

  async up(runner: QueryRunner): Promise<void> {
    const existing = (await runner.query(
      `SELECT FROM pg_constraint
       WHERE conrelid = 'revocations'::regclass AND conname = 'revocations_serial_key'`,
    )) as unknown[];
    if (existing.length > 0) return;
    await runner.query(
      `ALTER TABLE revocations
       ADD CONSTRAINT revocations_serial_key UNIQUE USING INDEX revocations_serial_key`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE revocations DROP CONSTRAINT revocations_serial_key');
  }
}
