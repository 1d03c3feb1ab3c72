import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Creates the table of {@link PostgresSessionStore}, in the database that the services share for sessions. */
export class StoredSessions1700000006100 implements MigrationInterface {
  readonly name = 'StoredSessions1700000006100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE stored_sessions (
        id text PRIMARY KEY,
        secret_digest bytea NOT NULL,
        subject text NOT NULL,
        client_id text NOT NULL,
        scopes text[] NOT NULL,
        user_agent text,
        authenticated_at bigint NOT NULL,
        created_at bigint NOT NULL,
        last_used_at bigint NOT NULL,
        expires_at bigint NOT NULL,
        idle_expires_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX stored_sessions_of_subject ON stored_sessions (subject)');
    await runner.query('CREATE INDEX stored_sessions_idle ON stored_sessions (idle_expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE stored_sessions');
  }
}
