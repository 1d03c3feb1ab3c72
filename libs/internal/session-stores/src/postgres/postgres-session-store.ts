import { isDatabaseUnavailable, type ExpiringRows } from '@latchkey/service-kit';
import {
  SessionStore,
  SessionStoreUnavailableError,
  type SessionId,
  type StoredSession,
} from '@latchkey/sessions';
import { Raw, type DataSource, type Repository } from 'typeorm';
import { StoredSessionEntity, toStoredSession } from './stored-session.entity.js';

const ALIVE = 'idle_expires_at > clock_timestamp()';
const IDLE_END = (milliseconds: string) =>
  `clock_timestamp() + make_interval(secs => ${milliseconds}::float8 / 1000)`;
const isAlive = () => Raw((column) => `${column} > clock_timestamp()`);

/** Rows of sessions that have expired, for the housekeeper. Redis deletes its own. */
export const EXPIRING_STORED_SESSIONS: ExpiringRows = {
  table: 'stored_sessions',
  expiredAt: 'idle_expires_at',
  type: 'timestamptz',
};

/**
 * Keeps one row per session. Finding a session is a look-up by primary key.
 *
 * The data source must know {@link StoredSessionEntity}.
 */
export class PostgresSessionStore extends SessionStore {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async add(session: StoredSession, idleMilliseconds: number): Promise<void> {
    const { id, subject, clientId, authenticatedAt, createdAt, lastUsedAt, expiresAt } = session;
    await this.#run((sessions) =>
      sessions
        .createQueryBuilder()
        .insert()
        .values({
          ...{ id, subject, clientId, authenticatedAt, createdAt, lastUsedAt, expiresAt },
          secretDigest: Buffer.from(session.secretDigest),
          scopes: [...session.scopes],
          userAgent: session.userAgent ?? null,
          idleExpiresAt: () => IDLE_END(':idleMilliseconds'),
        })
        .setParameter('idleMilliseconds', idleMilliseconds)
        .updateEntity(false)
        .execute(),
    );
  }

  async find(id: string): Promise<StoredSession | undefined> {
    const where = { id: id as SessionId, idleExpiresAt: isAlive() };
    const found = await this.#run((sessions) => sessions.findOneBy(where));
    return found ? toStoredSession(found) : undefined;
  }

  /**
   * Writes the first of many concurrent uses; the others neither write nor wait. Otherwise, the requests
   * of a busy session would queue for the lock of its row each time that a write is due.
   */
  async touch(found: StoredSession, lastUsedAt: number, idleMilliseconds: number): Promise<void> {
    // Raw SQL skips a locked row, because another use is about to write it.
    await this.#run(({ manager }) =>
      manager.query(
        `UPDATE stored_sessions SET last_used_at = $3, idle_expires_at = ${IDLE_END('$4')}
         WHERE id = (SELECT id FROM stored_sessions
                     WHERE id = $1 AND last_used_at = $2 AND ${ALIVE}
                     FOR UPDATE SKIP LOCKED)`,
        [found.id, found.lastUsedAt, lastUsedAt, idleMilliseconds],
      ),
    );
  }

  async end(id: SessionId): Promise<boolean> {
    return (await this.#delete({ id })) === 1;
  }

  endAll(subject: string): Promise<number> {
    return this.#delete({ subject });
  }

  async list(subject: string): Promise<StoredSession[]> {
    const found = await this.#run((sessions) =>
      sessions.find({
        where: { subject, idleExpiresAt: isAlive() },
        order: { createdAt: 'DESC', id: 'ASC' },
      }),
    );
    return found.map(toStoredSession);
  }

  /** @returns how many of the deleted sessions were still alive */
  async #delete(where: Partial<Pick<StoredSessionEntity, 'id' | 'subject'>>): Promise<number> {
    const result = await this.#run((sessions) =>
      sessions.createQueryBuilder().delete().where(where).returning(`${ALIVE} AS alive`).execute(),
    );
    return (result.raw as { alive: boolean }[]).filter(({ alive }) => alive).length;
  }

  async #run<Result>(
    statement: (sessions: Repository<StoredSessionEntity>) => Promise<Result>,
  ): Promise<Result> {
    // A data source has no metadata of its entities until it is initialized.
    if (!this.dataSource.isInitialized) throw new SessionStoreUnavailableError();
    try {
      return await statement(this.dataSource.getRepository(StoredSessionEntity));
    } catch (cause) {
      if (!isDatabaseUnavailable(cause)) throw cause;
      throw new SessionStoreUnavailableError({ cause });
    }
  }
}
