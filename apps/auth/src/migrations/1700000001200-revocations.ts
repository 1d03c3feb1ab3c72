import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Revocations1700000001200 implements MigrationInterface {
  readonly name = 'Revocations1700000001200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE revocations (
        id uuid PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('session', 'token', 'subject', 'client', 'key')),
        trigger text NOT NULL,
        session_id text,
        subject text,
        token_id text,
        client_id text,
        key_id text,
        issued_before bigint,
        revoked_at bigint NOT NULL,
        expires_at bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        published_at timestamptz,
        stream_sequence bigint,
        signed_by text,
        CHECK ((published_at IS NULL) = (stream_sequence IS NULL)),
        CHECK (kind <> 'session' OR session_id IS NOT NULL),
        CHECK (kind <> 'token' OR token_id IS NOT NULL),
        CHECK (kind <> 'subject' OR (subject IS NOT NULL AND issued_before IS NOT NULL)),
        CHECK (kind <> 'client' OR (client_id IS NOT NULL AND issued_before IS NOT NULL)),
        CHECK (kind <> 'key' OR key_id IS NOT NULL)
      )`);
    await runner.query(
      'CREATE INDEX revocations_unpublished ON revocations (id) WHERE published_at IS NULL',
    );
    await runner.query(
      'CREATE INDEX revocations_sequence ON revocations (stream_sequence) WHERE published_at IS NOT NULL',
    );
    await runner.query('CREATE INDEX revocations_expiry ON revocations (expires_at)');
    // The epoch is the primary key, so changing it waits for transactions that hold it FOR KEY SHARE.
    await runner.query(`
      CREATE TABLE revocation_stream (
        epoch uuid PRIMARY KEY,
        stream_created text,
        last_sequence bigint NOT NULL DEFAULT 0,
        only_row boolean NOT NULL DEFAULT true UNIQUE CHECK (only_row)
      )`);
    await runner.query('INSERT INTO revocation_stream (epoch) VALUES (gen_random_uuid())');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE revocation_stream');
    await runner.query('DROP TABLE revocations');
  }
}
