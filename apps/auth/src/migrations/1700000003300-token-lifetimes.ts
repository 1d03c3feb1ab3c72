import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TokenLifetimes1700000003300 implements MigrationInterface {
  readonly name = 'TokenLifetimes1700000003300';

  /**
   * The previous release records no lifetimes. On its databases, assume the longest lifetime that can be
   * configured until its last replica has been replaced.
   */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE token_lifetimes (
        lifetime_seconds integer PRIMARY KEY CHECK (lifetime_seconds > 0),
        issued_until bigint NOT NULL
      )`);
    await runner.query(`
      INSERT INTO token_lifetimes (lifetime_seconds, issued_until)
      SELECT 3600, ceil(extract(epoch FROM clock_timestamp())) + 3600
      WHERE EXISTS (SELECT FROM signing_keys)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE token_lifetimes');
  }
}
