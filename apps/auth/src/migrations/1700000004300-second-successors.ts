import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A token whose response may have been lost can have a second unused successor. No query needs the index. */
export class SecondSuccessors1700000004300 implements MigrationInterface {
  readonly name = 'SecondSuccessors1700000004300';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS refresh_tokens_one_unused');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DELETE FROM refresh_tokens AS older USING refresh_tokens AS newer
       WHERE older.used_at IS NULL AND newer.used_at IS NULL AND older.session_id = newer.session_id
         AND (older.created_at, older.hash) < (newer.created_at, newer.hash)`,
    );
    await runner.query(
      'CREATE UNIQUE INDEX refresh_tokens_one_unused ON refresh_tokens (session_id) WHERE used_at IS NULL',
    );
  }
}
