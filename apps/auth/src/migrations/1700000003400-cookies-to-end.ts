import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CookiesToEnd1700000003400 implements MigrationInterface {
  readonly name = 'CookiesToEnd1700000003400';

  /** Users whose sessions were ended by a recovery, and whose cookies the session store may still hold. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE cookies_to_end (
        user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE cookies_to_end');
  }
}
