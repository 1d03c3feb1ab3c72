import type { TokenDelivery } from '@latchkey/contracts/auth-api';
import type { ExpiringRows } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Raw, Repository, type EntityManager } from 'typeorm';
import { UserEntity } from '../accounts/users/user.entity.js';
import { ClientEntity } from '../clients/client.entity.js';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { idEqualTo } from '../platform/ids/id-equal-to.js';
import type { ClientId, SessionId, UserId } from '../platform/ids/stored-id.js';
import { currentAddress } from '../platform/admission/sender.js';
import {
  LONGEST_TOKEN_LIFETIME_SECONDS,
  VERIFIER_CLOCK_MARGIN_SECONDS,
} from '../platform/revocation-lifetime.js';
import { SETTINGS, type Settings } from '../platform/settings.js';
import { LiveSessionEntity } from './live-session.entity.js';
import { SessionEntity } from './session.entity.js';

export interface NewSession {
  readonly userId: UserId;
  readonly clientId: string;
  readonly refreshDelivery: TokenDelivery | null;
  readonly accessDelivery: TokenDelivery;
  readonly userAgent: string | undefined;
}

export interface EndedSession extends Pick<SessionEntity, 'id' | 'userId' | 'hasCookie'> {
  /** False if an earlier call ended the session. */
  readonly endedNow: boolean;
  /** The latest `iat` among the session's tokens, as a NumericDate in seconds. */
  readonly newestIssuedAt: number;
}

const USER_AGENT_MAX_LENGTH = 256;

const now = () => 'clock_timestamp()';

@Injectable()
export class SessionRecord {
  constructor(
    @InjectRepository(SessionEntity) private readonly sessions: Repository<SessionEntity>,
    @InjectRepository(LiveSessionEntity) private readonly live: Repository<LiveSessionEntity>,
    private readonly clock: ServiceClock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** The caller must have locked the account, and the client for sharing. @returns the new id */
  async start(manager: EntityManager, session: NewSession): Promise<SessionId> {
    const { idle, absolute } = this.#lifetimes(session);
    // Raw SQL lets the insert read the user and the client in the same statement.
    const [row] = await manager.query<[{ id: SessionId }]>(
      `INSERT INTO sessions (user_id, client_id, refresh_delivery, user_agent, auth_time,
                             idle_expires_at, absolute_expires_at, access_delivery,
                             login_address, last_address)
       SELECT users.id, $2, $3, $4,
              greatest($8::bigint, users.tokens_valid_from, clients.tokens_valid_from),
              clock_timestamp() + make_interval(secs => $5),
              clock_timestamp() + make_interval(secs => $6), $7, $9,
              CASE WHEN $3::text IS NOT NULL THEN $9 END
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
        this.#address,
      ],
    );
    return row.id;
  }

  /** Locks the session's row until the transaction ends. */
  async lock(manager: EntityManager, id: SessionId): Promise<void> {
    await manager.findOne(SessionEntity, {
      select: { id: true },
      where: { id },
      lock: { mode: 'for_no_key_update' },
    });
  }

  async findLive(
    id: string,
    manager: EntityManager = this.live.manager,
  ): Promise<LiveSessionEntity | undefined> {
    return (await manager.findOneBy(LiveSessionEntity, { id: idEqualTo(id) })) ?? undefined;
  }

  /** Callers must hold the account and know that the session is live. @throws Error otherwise */
  async getLive(id: string, manager: EntityManager): Promise<LiveSessionEntity> {
    const session = await this.findLive(id, manager);
    if (!session) throw new Error('a session that was live in this transaction is gone');
    return session;
  }

  /** Newest first. */
  listLive(
    userId: string,
    manager: EntityManager = this.live.manager,
  ): Promise<LiveSessionEntity[]> {
    return manager.find(LiveSessionEntity, {
      where: { userId: idEqualTo(userId) },
      order: { createdAt: 'DESC', id: 'ASC' },
    });
  }

  /**
   * Lists the sessions of which a verifier may still accept a token: the live ones, and those whose deadline has passed
   * since they got one. Tokens from before a log-out everywhere are covered by that.
   */
  async listAccepted(manager: EntityManager, userId: UserId): Promise<SessionId[]> {
    const lasting = LONGEST_TOKEN_LIFETIME_SECONDS + VERIFIER_CLOCK_MARGIN_SECONDS;
    const rows = await manager
      .createQueryBuilder(SessionEntity, 'session')
      .select('session.id', 'id')
      .innerJoin(UserEntity, 'owner', 'owner.id = session.user_id')
      .leftJoin(ClientEntity, 'client', 'client.id = session.client_id')
      .where({ userId, endedAt: IsNull() })
      .andWhere('session.auth_time >= greatest(owner.tokens_valid_from, client.tokens_valid_from)')
      .andWhere(
        `(least(session.idle_expires_at, session.absolute_expires_at) > clock_timestamp()
          OR greatest(session.auth_time, session.newest_iat) > :issuedAfter)`,
        { issuedAfter: this.clock.seconds() - lasting },
      )
      .getRawMany<{ id: SessionId }>();
    return rows.map(({ id }) => id);
  }

  /** Finds a session, live or not. Postgres accepts every spelling of the UUID. */
  async find(
    id: string,
    manager: EntityManager = this.sessions.manager,
  ): Promise<SessionEntity | undefined> {
    return (await manager.findOneBy(SessionEntity, { id: idEqualTo(id) })) ?? undefined;
  }

  /** Extends the idle deadline; the absolute one stays. Called within the request that uses the session. */
  async touch(manager: EntityManager, id: SessionId): Promise<void> {
    await manager
      .createQueryBuilder()
      .update(SessionEntity)
      .set({
        lastUsedAt: now,
        idleExpiresAt: () => 'clock_timestamp() + make_interval(secs => :idleSeconds)',
        lastAddress: this.#address,
        ...(!this.settings.sessionAddresses && { loginAddress: null }),
      })
      .where({ id })
      .setParameters({ idleSeconds: this.settings.refreshIdleLifetimeSeconds })
      .execute();
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
    // Raw SQL uses a CTE, because a session that had ended before is returned too.
    const [session] = await manager.query<EndedSession[]>(
      `WITH ended AS (
         UPDATE sessions SET ended_at = clock_timestamp(), end_reason = $2
         WHERE id = $1 AND ended_at IS NULL
         RETURNING id
       )
       SELECT id, user_id AS "userId", refresh_delivery IS NULL AS "hasCookie",
              greatest(auth_time, newest_iat)::float8 AS "newestIssuedAt",
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
    const sessions = await manager.find(SessionEntity, {
      select: { id: true },
      where: {
        ...of,
        refreshDelivery: IsNull(),
        absoluteExpiresAt: Raw((end) => `${end} > clock_timestamp()`),
      },
    });
    return sessions.map(({ id }) => id);
  }

  /** Lets a later log-out everywhere cover this token. The caller must have locked the session. */
  async noteIssued(manager: EntityManager, id: string, issuedAt: number): Promise<void> {
    await manager
      .createQueryBuilder()
      .update(SessionEntity)
      .set({ newestIat: () => 'greatest(newest_iat, :issuedAt)' })
      .where({ id: idEqualTo(id) })
      .setParameters({ issuedAt })
      .execute();
  }

  /**
   * Returns the latest `iat` among the user's tokens, as recorded rather than by the clock. A token
   * issued in the same second as a log-out everywhere carries the next second (ADR 0006). This
   * method waits for that second, so that repeated log-outs do not push `iat` ever further ahead. It
   * does not wait for an `iat` more than a second ahead, which dates from before a clock was set back.
   */
  async newestIssuedAt(manager: EntityManager, userId: UserId): Promise<number> {
    const row = await manager
      .createQueryBuilder(SessionEntity, 'session')
      .select('max(greatest(auth_time, newest_iat))::float8', 'newest')
      .where({ userId })
      .getRawOne<{ newest: number | null }>();
    const newest = row?.newest ?? 0;
    const aheadSeconds = newest - this.clock.now() / 1000;
    if (aheadSeconds > 0 && aheadSeconds <= 1)
      await manager.query('SELECT pg_sleep($1)', [aheadSeconds]);
    return newest;
  }

  /** The address to keep. */
  get #address(): string | null {
    return this.settings.sessionAddresses ? (currentAddress() ?? null) : null;
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
