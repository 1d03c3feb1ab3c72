import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SigningKeys1700000001100 implements MigrationInterface {
  readonly name = 'SigningKeys1700000001100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE signing_keys (
        kid text PRIMARY KEY,
        state text NOT NULL
          CHECK (state IN ('pending', 'active', 'retiring', 'retired', 'revoked')),
        state_since timestamptz NOT NULL DEFAULT clock_timestamp(),
        public_jwk jsonb NOT NULL,
        encrypted_private_key bytea,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CHECK ((encrypted_private_key IS NOT NULL) = (state IN ('pending', 'active')))
      )`);
    // Decides between replicas that create or rotate keys at the same time.
    await runner.query(
      `CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys (state) WHERE state = 'active'`,
    );
    await runner.query(
      `CREATE UNIQUE INDEX signing_keys_one_pending ON signing_keys (state) WHERE state = 'pending'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE signing_keys');
  }
}
