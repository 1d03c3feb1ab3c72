import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SerialDefault1700000003500 implements MigrationInterface {
  readonly name = 'SerialDefault1700000003500';

  /**
   * The default numbered the only row when its column was added, and no other row is ever inserted. TypeORM cannot
   * compare it with an entity's, because Postgres prints `EXTRACT` in capitals.
   */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE revocation_stream ALTER COLUMN next_serial DROP DEFAULT');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE revocation_stream ALTER COLUMN next_serial
       SET DEFAULT floor(extract(epoch FROM clock_timestamp()) * 1000)`,
    );
  }
}
