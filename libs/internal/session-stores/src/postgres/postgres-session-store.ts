import { isDatabaseUnavailable, type ExpiringRows } from '@latchkey/service-kit';
import {
  SessionStore,
  SessionStoreUnavailableError,
  type SessionId,
  type StoredSession,
} from '@latchkey/sessions';
import type { DataSource } from 'typeorm';

interface Row {
  id: SessionId;
  secret_digest: Buffer;
  subject: string;
  client_id: string;
  scopes: string[];
  user_agent: string | null;
  authenticated_at: number;
  created_at: number;
  last_used_at: number;
  expires_at: number;
}

// float8 holds these integers; pg gives a bigint as text.
const COLUMNS = `id, secret_digest, subject, client_id, scopes, user_agent,
  authenticated_at::float8, created_at::float8, last_used_at::float8, expires_at::float8`;
const ALIVE = 'idle_expires_at > clock_timestamp()';
const IDLE_END = (parameter: string) =>
  `clock_timestamp() + make_interval(secs => ${parameter}::float8 / 1000)`;

const fromRow = (row: Row): StoredSession => ({
  id: row.id,
  secretDigest: row.secret_digest,
  subject: row.subject,
  clientId: row.client_id,
  scopes: row.scopes,
  ...(row.user_agent !== null && { userAgent: row.user_agent }),
  authenticatedAt: row.authenticated_at,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  expiresAt: row.expires_at,
});

/** Sessions that can never be found again. Redis deletes its own. */
export const EXPIRING_STORED_SESSIONS: ExpiringRows = {
  table: 'stored_sessions',
  expiredAt: 'idle_expires_at',
  type: 'timestamptz',
};

/** One row per session. Recognising one is a look-up by primary key. */
export class PostgresSessionStore extends SessionStore {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async add(session: StoredSession, idleMilliseconds: number): Promise<void> {
    await this.#query(
      `INSERT INTO stored_sessions (id, secret_digest, subject, client_id, scopes, user_agent,
         authenticated_at, created_at, last_used_at, expires_at, idle_expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ${IDLE_END('$11')})`,
      [
        session.id,
        Buffer.from(session.secretDigest),
        session.subject,
        session.clientId,
        session.scopes,
        session.userAgent,
        session.authenticatedAt,
        session.createdAt,
        session.lastUsedAt,
        session.expiresAt,
        idleMilliseconds,
      ],
    );
  }

  async find(id: string): Promise<StoredSession | undefined> {
    const rows = await this.#query<Row[]>(
      `SELECT ${COLUMNS} FROM stored_sessions WHERE id = $1 AND ${ALIVE}`,
      [id],
    );
    return rows.map(fromRow)[0];
  }

  /**
   * The first of many requests writes; the others neither write nor wait for it. If each wrote, a
   * session that many use at once would be a queue for its row's lock, whenever a use is due to be
   * written.
   */
  async touch(found: StoredSession, lastUsedAt: number, idleMilliseconds: number): Promise<void> {
    await this.#query(
      `UPDATE stored_sessions SET last_used_at = $3, idle_expires_at = ${IDLE_END('$4')}
       WHERE id = (SELECT id FROM stored_sessions
                   WHERE id = $1 AND last_used_at = $2 AND ${ALIVE}
                   FOR UPDATE SKIP LOCKED)`,
      [found.id, found.lastUsedAt, lastUsedAt, idleMilliseconds],
    );
  }

  async end(id: SessionId): Promise<boolean> {
    const [ended] = await this.#query<[{ alive: boolean }[], number]>(
      `DELETE FROM stored_sessions WHERE id = $1 RETURNING ${ALIVE} AS alive`,
      [id],
    );
    return ended[0]?.alive ?? false;
  }

  async endAll(subject: string): Promise<number> {
    const [ended] = await this.#query<[{ alive: boolean }[], number]>(
      `DELETE FROM stored_sessions WHERE subject = $1 RETURNING ${ALIVE} AS alive`,
      [subject],
    );
    return ended.filter(({ alive }) => alive).length;
  }

  async list(subject: string): Promise<StoredSession[]> {
    const rows = await this.#query<Row[]>(
      `SELECT ${COLUMNS} FROM stored_sessions WHERE subject = $1 AND ${ALIVE}
       ORDER BY created_at DESC, id`,
      [subject],
    );
    return rows.map(fromRow);
  }

  async #query<Result>(sql: string, parameters: unknown[]): Promise<Result> {
    try {
      return await this.dataSource.query<Result>(sql, parameters);
    } catch (cause) {
      if (!isDatabaseUnavailable(cause)) throw cause;
      throw new SessionStoreUnavailableError({ cause });
    }
  }
}
