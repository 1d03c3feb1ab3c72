import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds clients that administrators create at run time, the public keys of clients, and used assertions. */
export class ManagedClients1700000003700 implements MigrationInterface {
  readonly name = 'ManagedClients1700000003700';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE clients ADD COLUMN revoked_keys text[] NOT NULL DEFAULT '{}'`);
    await runner.query(`
      CREATE TABLE managed_clients (
        id text PRIMARY KEY REFERENCES clients (id),
        folded_id text NOT NULL UNIQUE,
        scopes text[] NOT NULL,
        exchange jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE client_credentials (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        client_id text NOT NULL REFERENCES managed_clients (id) ON DELETE CASCADE,
        secret_sha256 text,
        jwk jsonb,
        key_thumbprint text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT client_credentials_one_kind CHECK ((secret_sha256 IS NULL) <> (jwk IS NULL)),
        CONSTRAINT client_credentials_thumbprint CHECK ((jwk IS NULL) = (key_thumbprint IS NULL))
      )`);
    await runner.query(
      'CREATE INDEX client_credentials_of_client ON client_credentials (client_id)',
    );
    await runner.query(`
      CREATE TABLE used_assertions (
        client_id text NOT NULL,
        jti_hash bytea NOT NULL,
        expires_at bigint NOT NULL,
        PRIMARY KEY (client_id, jti_hash)
      )`);
    await runner.query('CREATE INDEX used_assertions_expiry ON used_assertions (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE used_assertions');
    await runner.query('DROP TABLE client_credentials');
    await runner.query('DROP TABLE managed_clients');
    await runner.query('ALTER TABLE clients DROP COLUMN revoked_keys');
  }
}
