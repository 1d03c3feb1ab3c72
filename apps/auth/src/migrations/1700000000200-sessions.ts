import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Sessions1700000000200 implements MigrationInterface {
  readonly name = 'Sessions1700000000200';

  async up(runner: QueryRunner): Promise<void> {
    // Ids of sessions appear in tokens, so they are fully random (uuidv4). Other ids need not be.
    await runner.query(`
      CREATE TABLE sessions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL REFERENCES users (id),
        client_id text NOT NULL,
        refresh_delivery text NOT NULL CHECK (refresh_delivery IN ('body', 'cookie')),
        user_agent text,
        auth_time bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        last_used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        idle_expires_at timestamptz NOT NULL,
        absolute_expires_at timestamptz NOT NULL,
        ended_at timestamptz,
        end_reason text,
        CHECK ((ended_at IS NULL) = (end_reason IS NULL))
      )`);
    await runner.query(
      'CREATE INDEX sessions_of_user ON sessions (user_id, created_at) WHERE ended_at IS NULL',
    );
    await runner.query('CREATE INDEX sessions_expiry ON sessions (absolute_expires_at)');
    await runner.query(
      'CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL',
    );
    // This view alone decides which sessions are live. A log-out everywhere, a disabled user and a
    // revoked client end sessions by moving a time forward, without an update of each row.
    await runner.query(`
      CREATE VIEW live_sessions AS
      SELECT sessions.*, users.username, users.scope
      FROM sessions
      JOIN users ON users.id = sessions.user_id
      LEFT JOIN clients ON clients.id = sessions.client_id
      WHERE sessions.ended_at IS NULL
        AND least(sessions.idle_expires_at, sessions.absolute_expires_at) > clock_timestamp()
        AND users.disabled_at IS NULL
        AND sessions.auth_time >= users.tokens_valid_from
        AND sessions.auth_time >= coalesce(clients.tokens_valid_from, 0)`);
    await createRefreshTokens(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE refresh_tokens');
    await runner.query('DROP VIEW live_sessions');
    await runner.query('DROP TABLE sessions');
  }
}

async function createRefreshTokens(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE refresh_tokens (
      hash bytea PRIMARY KEY,
      session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
      created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      used_at timestamptz,
      successor_hash bytea,
      sealed_successor bytea,
      CHECK ((successor_hash IS NULL) = (sealed_successor IS NULL)),
      CHECK (successor_hash IS NULL OR used_at IS NOT NULL)
    )`);
  // A family is a chain with at most one unused token.
  await runner.query(
    'CREATE UNIQUE INDEX refresh_tokens_one_unused ON refresh_tokens (session_id) WHERE used_at IS NULL',
  );
  await runner.query('CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id)');
}
