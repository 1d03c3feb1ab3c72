import type { TokenDelivery } from '@latchkey/contracts/auth-api';
import type { ExpiringRows } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import type { ClientId, SessionId, UserId } from '../platform/ids/stored-id.js';
import { SETTINGS, type Settings } from '../platform/settings.js';

/** A session that was live when it was read. */
export interface LiveSession {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly username: string;
  readonly scope: string;
  readonly clientId: string;
  /** Null for a cookie session, which has no refresh token. */
  readonly refreshDelivery: TokenDelivery | null;
  readonly accessDelivery: TokenDelivery;
  /** NumericDate in seconds; never below the `tokens_valid_from` of the user and the client. */
  readonly authTime: number;
  readonly userAgent: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  /** The idle or the absolute deadline, whichever comes first. */
  readonly expiresAt: Date;
}

/** A session that has a row, live or not. */
export interface KnownSession {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly hasCookie: boolean;
}

export interface NewSession {
  readonly userId: UserId;
  readonly clientId: string;
  readonly refreshDelivery: TokenDelivery | null;
  readonly accessDelivery: TokenDelivery;
  readonly userAgent: string | undefined;
}

export interface EndedSession extends KnownSession {
  /** False if an earlier call ended the session. */
  readonly endedNow: boolean;
  /** The latest `iat` among the session's tokens, as a NumericDate in seconds. */
  readonly newestIssuedAt: number;
}

interface SessionRow {
  id: SessionId;
  user_id: UserId;
  username: string;
  scope: string;
  client_id: string;
  refresh_delivery: TokenDelivery | null;
  access_delivery: TokenDelivery;
  auth_time: number;
  user_agent: string | null;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
}

const COLUMNS = `id, user_id, username, scope, client_id, refresh_delivery, access_delivery,
  auth_time::float8, user_agent, created_at, last_used_at, least(idle_expires_at, absolute_expires_at) AS expires_at`;

const KNOWN = 'id, user_id AS "userId", refresh_delivery IS NULL AS "hasCookie"';

const USER_AGENT_MAX_LENGTH = 256;

function fromRow(row: SessionRow): LiveSession {
  return {
    id: row.id,
    userId: row.user_id,
    username: row.username,
    scope: row.scope,
    clientId: row.client_id,
    refreshDelivery: row.refresh_delivery,
    accessDelivery: row.access_delivery,
    authTime: row.auth_time,
    userAgent: row.user_agent,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  };
}

@Injectable()
export class SessionRecord {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: ServiceClock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** The caller must have locked the account, and the client for sharing. @returns the new id */
  async start(manager: EntityManager, session: NewSession): Promise<SessionId> {
    const { idle, absolute } = this.#lifetimes(session);
    const [row] = await manager.query<[{ id: SessionId }]>(
      `INSERT INTO sessions (user_id, client_id, refresh_delivery, user_agent, auth_time,
                             idle_expires_at, absolute_expires_at, access_delivery)
       SELECT users.id, $2, $3, $4,
              greatest($8::bigint, users.tokens_valid_from, clients.tokens_valid_from),
              clock_timestamp() + make_interval(secs => $5),
              clock_timestamp() + make_interval(secs => $6), $7
       FROM users LEFT JOIN clients ON clients.id = $2
       WHERE users.id = $1
       RETURNING id`,
      [
        session.userId,
        session.clientId,
        session.refreshDelivery,
        session.userAgent?.slice(0, USER_AGENT_MAX_LENGTH),
        idle,
        absolute,
        session.accessDelivery,
        this.clock.seconds(),
      ],
    );
    return row.id;
  }

  /** Locks the session's row until the transaction ends. */
  async lock(manager: EntityManager, id: SessionId): Promise<void> {
    await manager.query('SELECT FROM sessions WHERE id = $1 FOR NO KEY UPDATE', [id]);
  }

  async findLive(
    id: string,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<LiveSession | undefined> {
    const rows = await manager.query<SessionRow[]>(
      `SELECT ${COLUMNS} FROM live_sessions WHERE id = $1`,
      [id],
    );
    return rows.map(fromRow)[0];
  }

  /** For callers that hold the account and know that the session is live. @throws Error otherwise */
  async getLive(id: string, manager: EntityManager): Promise<LiveSession> {
    const session = await this.findLive(id, manager);
    if (!session) throw new Error('a session that was live in this transaction is gone');
    return session;
  }

  /** Newest first. */
  async listLive(
    userId: string,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<LiveSession[]> {
    const rows = await manager.query<SessionRow[]>(
      `SELECT ${COLUMNS} FROM live_sessions WHERE user_id = $1 ORDER BY created_at DESC, id`,
      [userId],
    );
    return rows.map(fromRow);
  }

  /** Finds a session, live or not. Postgres accepts every spelling of the UUID. */
  async find(id: string): Promise<KnownSession | undefined> {
    const [session] = await this.dataSource.query<KnownSession[]>(
      `SELECT ${KNOWN} FROM sessions WHERE id = $1`,
      [id],
    );
    return session;
  }

  /** Extends the idle deadline; the absolute one stays. */
  async touch(manager: EntityManager, id: SessionId): Promise<void> {
    await manager.query(
      `UPDATE sessions
       SET last_used_at = clock_timestamp(),
           idle_expires_at = clock_timestamp() + make_interval(secs => $2)
       WHERE id = $1`,
      [id, this.settings.refreshIdleLifetimeSeconds],
    );
  }

  /**
   * Ends a session, even one that has lapsed: its last access token may still be valid.
   *
   * @returns undefined if there is no row
   */
  async end(
    manager: EntityManager,
    id: SessionId,
    reason: string,
  ): Promise<EndedSession | undefined> {
    const [session] = await manager.query<EndedSession[]>(
      `WITH ended AS (
         UPDATE sessions SET ended_at = clock_timestamp(), end_reason = $2
         WHERE id = $1 AND ended_at IS NULL
         RETURNING id
       )
       SELECT ${KNOWN}, greatest(auth_time, newest_iat)::float8 AS "newestIssuedAt",
              EXISTS (SELECT FROM ended) AS "endedNow" FROM sessions WHERE id = $1`,
      [id, reason],
    );
    return session;
  }

  /**
   * Lists the cookie sessions of a user or a client. Sessions that have ended are included, because
   * a session store that was restored from a backup has their cookies again.
   */
  async withCookie(
    manager: EntityManager,
    of: { readonly userId: UserId } | { readonly clientId: ClientId },
  ): Promise<SessionId[]> {
    const rows = await manager.query<{ id: SessionId }[]>(
      `SELECT id FROM sessions
       WHERE refresh_delivery IS NULL AND absolute_expires_at > clock_timestamp()
         AND ${'userId' in of ? 'user_id' : 'client_id'} = $1`,
      ['userId' in of ? of.userId : of.clientId],
    );
    return rows.map(({ id }) => id);
  }

  /** Lets a later log-out everywhere cover this token. The caller must have locked the session. */
  async noteIssued(manager: EntityManager, id: string, issuedAt: number): Promise<void> {
    await manager.query('UPDATE sessions SET newest_iat = greatest(newest_iat, $2) WHERE id = $1', [
      id,
      issuedAt,
    ]);
  }

  /**
   * Returns the latest `iat` among the user's tokens, as recorded rather than by the clock. A token
   * issued in the same second as a log-out everywhere carries the next second (ADR 0006). This
   * method waits for that second, so that repeated log-outs do not push `iat` ever further ahead. It
   * does not wait for an `iat` more than a second ahead, which dates from before a clock was set back.
   */
  async newestIssuedAt(manager: EntityManager, userId: UserId): Promise<number> {
    const [{ newest }] = await manager.query<[{ newest: number }]>(
      `SELECT coalesce(max(greatest(auth_time, newest_iat)), 0)::float8 AS newest
       FROM sessions WHERE user_id = $1`,
      [userId],
    );
    const aheadSeconds = newest - this.clock.now() / 1000;
    if (aheadSeconds > 0 && aheadSeconds <= 1)
      await manager.query('SELECT pg_sleep($1)', [aheadSeconds]);
    return newest;
  }

  /** A cookie session has no idle deadline here: the session store tracks its last use. */
  #lifetimes({ refreshDelivery }: NewSession): { idle: number; absolute: number } {
    const { settings } = this;
    const absolute = settings.cookieSessionAbsoluteSeconds;
    if (refreshDelivery === null) return { idle: absolute, absolute };
    return {
      idle: settings.refreshIdleLifetimeSeconds,
      absolute: settings.refreshAbsoluteLifetimeSeconds,
    };
  }
}

/** Outlasts every access token, so that a log-out with the last token of a session still finds it. */
const KEEP_SECONDS = 86_400;
/** Deletes cascade to refresh tokens; a session from before families may have thousands (ADR 0034). */
const BATCH_SESSIONS = 100;

/**
 * Sessions that ended or lapsed long enough ago that no token names them. Each condition has its own
 * index. A cookie session is kept until its absolute deadline: a session store that was restored
 * from a backup has its cookie again, and administrators find the session by its row.
 */
export const EXPIRING_SESSIONS: readonly ExpiringRows[] = [
  'CASE WHEN refresh_delivery IS NOT NULL THEN ended_at END',
  'absolute_expires_at',
].map((expiredAt) => ({
  table: 'sessions',
  expiredAt,
  type: 'timestamptz',
  keepSeconds: KEEP_SECONDS,
  batchRows: BATCH_SESSIONS,
}));
