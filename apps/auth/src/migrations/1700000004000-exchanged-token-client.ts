import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The client that got an exchanged token, so that the token's holder can ask whether that client was revoked. */
export class ExchangedTokenClient1700000004000 implements MigrationInterface {
  readonly name = 'ExchangedTokenClient1700000004000';

  /** Older replicas leave it empty. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE exchanged_tokens ADD COLUMN client_id text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE exchanged_tokens DROP COLUMN client_id');
  }
}
