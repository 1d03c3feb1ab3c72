import { createIndexConcurrently } from '@latchkey/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Indexes revoked tokens and keys, which the auth service checks on every authenticated call. */
export class RevokedTokens1700000001300 implements MigrationInterface {
  readonly name = 'RevokedTokens1700000001300';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(
      runner,
      'revocations_of_token',
      'revocations (token_id) WHERE token_id IS NOT NULL',
    );
    await createIndexConcurrently(
      runner,
      'revocations_of_key',
      'revocations (key_id) WHERE key_id IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX revocations_of_key');
    await runner.query('DROP INDEX revocations_of_token');
  }
}
