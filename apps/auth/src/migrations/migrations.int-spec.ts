import { describeMigrations, type Tables } from '@latchkey/service-kit/suite/migrations';
import { MIGRATIONS } from '../database.js';

const TABLES: Tables = {
  growing: {
    // ß is folded by a later migration.
    users: `INSERT INTO users (username, password_hash, scope)
            SELECT 'straße' || n, 'x', '' FROM generate_series(1, $1::int) AS n`,
    sessions: `INSERT INTO sessions (user_id, client_id, refresh_delivery, auth_time, idle_expires_at,
                                     absolute_expires_at)
               SELECT (SELECT id FROM users LIMIT 1), 'web', 'body', n, now(), now()
               FROM generate_series(1, $1::int) AS n`,
    refresh_tokens: `INSERT INTO refresh_tokens (hash, session_id, used_at)
                     SELECT sha256(n::text::bytea), (SELECT id FROM sessions LIMIT 1), now()
                     FROM generate_series(1, $1::int) AS n`,
    login_throttle: `INSERT INTO login_throttle (key)
                     SELECT sha256(n::text::bytea) FROM generate_series(1, $1::int) AS n`,
    revocations: `INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at,
                                           published_at, stream_sequence)
                  SELECT gen_random_uuid(), 'session', 'logout', n::text, 1, 2, now(), n
                  FROM generate_series(1, $1::int) AS n`,
    exchanged_tokens: `INSERT INTO exchanged_tokens
                       SELECT 'token', n::text, n::text, 0 FROM generate_series(1, $1::int) AS n`,
    used_assertions: `INSERT INTO used_assertions
                      SELECT 'c', sha256(n::text::bytea), 0 FROM generate_series(1, $1::int) AS n`,
    audit_events: `INSERT INTO audit_events (id, at, event, details)
                   SELECT uuidv7(), now(), 'login', '{}' FROM generate_series(1, $1::int) AS n`,
    cookies_to_end: `INSERT INTO cookies_to_end SELECT id FROM users LIMIT $1`,
  },
  small: [
    'clients',
    'managed_clients',
    'client_credentials',
    'signing_keys',
    'revocation_stream',
    'token_lifetimes',
  ],
};

describeMigrations(MIGRATIONS, TABLES);
