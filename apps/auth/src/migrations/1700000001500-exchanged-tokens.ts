import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The origins of exchanged tokens: a token is revoked with each of them, besides those in its own claims. */
export class ExchangedTokens1700000001500 implements MigrationInterface {
  readonly name = 'ExchangedTokens1700000001500';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE exchanged_tokens (
        origin_kind text NOT NULL CHECK (origin_kind IN ('token', 'client', 'key')),
        origin_id text NOT NULL,
        token_id text NOT NULL,
        expires_at bigint NOT NULL,
        PRIMARY KEY (origin_kind, origin_id, token_id)
      )`);
    await runner.query('CREATE INDEX exchanged_tokens_token ON exchanged_tokens (token_id)');
    await runner.query('CREATE INDEX exchanged_tokens_expiry ON exchanged_tokens (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE exchanged_tokens');
  }
}
