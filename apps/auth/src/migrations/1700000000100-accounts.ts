import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Accounts1700000000100 implements MigrationInterface {
  readonly name = 'Accounts1700000000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        username text NOT NULL UNIQUE,
        password_hash text NOT NULL,
        password_version integer NOT NULL DEFAULT 1,
        scope text NOT NULL,
        tokens_valid_from bigint NOT NULL DEFAULT 0,
        disabled_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    // Clients and their secrets are configured. This table records what was revoked.
    await runner.query(`
      CREATE TABLE clients (
        id text PRIMARY KEY,
        tokens_valid_from bigint NOT NULL,
        revoked_secrets text[] NOT NULL DEFAULT '{}'
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE clients');
    await runner.query('DROP TABLE users');
  }
}
