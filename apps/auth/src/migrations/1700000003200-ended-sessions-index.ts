import { createIndexConcurrently } from '@latchkey/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Ended sessions with a cookie are kept until they expire. The previous release still uses `sessions_ended`. */
export class EndedSessionsIndex1700000003200 implements MigrationInterface {
  readonly name = 'EndedSessionsIndex1700000003200';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(
      runner,
      'sessions_ended_with_tokens',
      'sessions ((CASE WHEN refresh_delivery IS NOT NULL THEN ended_at END))',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX sessions_ended_with_tokens');
  }
}
