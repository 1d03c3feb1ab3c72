import { createIndexConcurrently } from '@latchkey/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RefreshTokenFamilyIndex1700000002010 implements MigrationInterface {
  readonly name = 'RefreshTokenFamilyIndex1700000002010';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(
      runner,
      'refresh_tokens_of_family',
      'refresh_tokens (family_hash) WHERE family_hash IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX refresh_tokens_of_family');
  }
}
