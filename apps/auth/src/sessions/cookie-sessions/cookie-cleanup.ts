import { DatabaseConnector, isDatabaseUnavailable, LOGGER } from '@latchkey/service-kit';
import { SessionStoreUnavailableError } from '@latchkey/sessions';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { DataSource, Repository, type EntityManager } from 'typeorm';
import { FailureLog } from '../../platform/failure-log.js';
import type { SessionId, UserId } from '../../platform/ids/stored-id.js';
import { SessionRecord } from '../session-record.js';
import { UserStore } from '../../accounts/users/user-store.js';
import { SessionEntity } from '../session.entity.js';
import { CookieSessions } from './cookie-sessions.js';
import { CookiesToEndEntity } from './cookies-to-end.entity.js';

const ROUND_MILLISECONDS = 1_000;

/**
 * Ends cookies in the background, once the session store answers. A log-out fails while the store is
 * unavailable, so that no answer claims an end that has not happened. The recovery of the database
 * cannot wait for the store: its transaction schedules the users, and any replica that reaches the
 * store ends their cookies, even after a crash.
 */
@Injectable()
export class CookieCleanup implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #closed = false;
  readonly #failure = new FailureLog();

  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(CookiesToEndEntity)
    private readonly scheduled: Repository<CookiesToEndEntity>,
    private readonly database: DatabaseConnector,
    private readonly users: UserStore,
    private readonly sessions: SessionRecord,
    private readonly cookies: CookieSessions,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Schedules the owners of sessions that this transaction ends. */
  async scheduleOwners(manager: EntityManager, ids: readonly SessionId[]): Promise<void> {
    const owners = await manager
      .createQueryBuilder(SessionEntity, 'session')
      .select('session.user_id', 'id')
      .distinct()
      // One parameter for all ids, because a statement can have 65,535 at most.
      .where('session.id = ANY (:ids::uuid[])', { ids })
      .getRawMany<{ id: UserId }>();
    await this.#schedule(
      manager,
      owners.map(({ id }) => id),
    );
  }

  /** Schedules a user, whose cookies in the store the database may not know. */
  async scheduleUser(manager: EntityManager, userId: UserId): Promise<void> {
    const known = await this.sessions.withCookie(manager, { userId });
    if (known.length === 0 && !this.cookies.stored) return;
    await this.#schedule(manager, [userId]);
  }

  onApplicationBootstrap(): void {
    void this.database.ready.then(() => {
      if (this.#closed) return;
      this.#timer = setInterval(() => {
        this.#round ??= this.#endScheduled().finally(() => (this.#round = undefined));
      }, ROUND_MILLISECONDS).unref();
    });
  }

  /** Waits for a running round, because the database closes next. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#round;
  }

  /**
   * Updates on conflict, to wait for a replica that is about to delete the same row. Raw SQL
   * inserts a set, in an order that prevents deadlocks.
   */
  async #schedule(manager: EntityManager, users: readonly UserId[]): Promise<void> {
    await manager.query(
      `INSERT INTO cookies_to_end (user_id) SELECT unnest($1::uuid[]) AS id ORDER BY id
       ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id`,
      [users],
    );
  }

  async #endScheduled(): Promise<void> {
    try {
      const scheduled = await this.scheduled.find();
      const failures: unknown[] = [];
      for (const { userId } of scheduled) {
        if (this.#closed) return;
        await this.#endCookiesOf(userId).catch((error: unknown) => {
          if (isOutage(error)) throw error;
          // A session that cannot be read must not keep the cookies of other users alive.
          failures.push(error);
        });
      }
      if (failures.length > 0) throw failures[0];
      const recovered = this.#failure.clear();
      if (scheduled.length > 0 || recovered)
        this.log.info({ users: scheduled.length }, 'ended the cookies of ended sessions');
    } catch (error) {
      this.#failure.note(error, (failure) =>
        this.log.warn({ failure }, 'could not end the cookies of ended sessions; trying again'),
      );
    }
  }

  async #endCookiesOf(userId: UserId): Promise<void> {
    // Fail before the account is locked if the store is unavailable, so that log-ins do not wait.
    await this.cookies.list(userId);
    await this.dataSource.transaction(async (manager) => {
      await this.users.lock(manager, userId);
      await this.cookies.end(await this.#endedSessions(manager, userId));
      await manager.delete(CookiesToEndEntity, { userId });
    });
  }

  /**
   * Returns the sessions that the database knows to have ended, and those in the store that predate
   * the user's last log-out everywhere, which the database may have lost. Later log-ins stay.
   */
  async #endedSessions(manager: EntityManager, userId: UserId): Promise<SessionId[]> {
    const known = await this.sessions.withCookie(manager, { userId });
    const live = new Set((await this.sessions.listLive(userId, manager)).map(({ id }) => id));
    const validFrom = await this.users.tokensValidFrom(manager, userId);
    const stored = await this.cookies.list(userId);
    return [
      ...known.filter((id) => !live.has(id)),
      ...stored.filter((each) => each.authenticatedAt < validFrom).map(({ id }) => id),
    ];
  }
}

/** Other users would wait for the same server. */
const isOutage = (error: unknown): boolean =>
  error instanceof SessionStoreUnavailableError || isDatabaseUnavailable(error);
