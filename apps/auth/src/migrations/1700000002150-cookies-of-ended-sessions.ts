import { replaceIndexConcurrently } from '@latchkey/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CookiesOfEndedSessions1700000002150 implements MigrationInterface {
  readonly name = 'CookiesOfEndedSessions1700000002150';
  readonly transaction = false;

  /** A log-out everywhere also ends cookies of ended sessions, which a restored session store may hold again. */
  async up(runner: QueryRunner): Promise<void> {
    await replaceIndexConcurrently(
      runner,
      'sessions_with_cookie',
      'sessions (user_id) WHERE refresh_delivery IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX sessions_with_cookie');
    await runner.query(
      'CREATE INDEX sessions_with_cookie ON sessions (user_id) WHERE refresh_delivery IS NULL AND ended_at IS NULL',
    );
  }
}
