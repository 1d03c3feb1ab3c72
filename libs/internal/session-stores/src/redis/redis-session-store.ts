import { SessionStore, type SessionId, type StoredSession } from '@latchkey/sessions';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.js';
import { readSession, writeSession } from './session-document.js';

export interface RedisSessionStoreOptions extends RedisConnectionOptions {
  /** Prefix of every key. Default `latchkey:`. */
  readonly keyPrefix?: string;
}

/** KEYS: session, index. ARGV: document, idle ms, id, end ms, now ms. */
const ADD = `
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[5])
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
  redis.call('PEXPIREAT', KEYS[2], redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2])`;

/** KEYS: index. ARGV: prefix of the sessions' keys. */
const END_ALL = `
  local ended = 0
  for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    ended = ended + redis.call('DEL', ARGV[1] .. id)
  end
  redis.call('DEL', KEYS[1])
  return ended`;

/** A server that forbids or lacks INFO is available nevertheless. */
function emptyIfForbidden(error: unknown): string {
  if (error instanceof Error && /^(NOPERM|ERR unknown command)/.test(error.message)) return '';
  throw error;
}

/**
 * Keeps one key per session, which Redis expires, and for each subject a sorted set of session ids by
 * their absolute end. Finding a session is one GET.
 *
 * Works with one server and its replicas. Does not work with Redis Cluster, which would spread the keys
 * of a subject over several servers. The server must not evict (`maxmemory-policy noeviction`) and must
 * sync each write to disk (`appendfsync always`): otherwise a crash may bring back a session that was
 * ended in the last second.
 */
export class RedisSessionStore extends SessionStore {
  readonly #connection: RedisConnection;
  readonly #prefix: string;

  constructor({ keyPrefix = 'latchkey:', ...connection }: RedisSessionStoreOptions) {
    super();
    this.#prefix = keyPrefix;
    this.#connection = new RedisConnection(connection);
  }

  /** Starts connecting in the background, and retries until it succeeds. */
  open(): void {
    this.#connection.open();
  }

  close(): void {
    this.#connection.close();
  }

  /**
   * Reads what the server does when its memory is full. Any policy but `noeviction` may log users out, and
   * may drop the index from which `endAll` learns the sessions of a subject.
   *
   * @returns undefined if the server does not allow the question
   * @throws SessionStoreUnavailableError
   */
  async evictionPolicy(): Promise<string | undefined> {
    // Managed servers often forbid CONFIG GET, but rarely INFO.
    const info = await this.#connection.run((client) =>
      client.info('memory').catch(emptyIfForbidden),
    );
    return /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  }

  async add(session: StoredSession, idleMilliseconds: number): Promise<void> {
    const { id, subject, expiresAt, createdAt } = session;
    await this.#connection.run((client) =>
      client.eval(ADD, {
        keys: [this.#keyOf(id), this.#indexOf(subject)],
        arguments: [writeSession(session), idleMilliseconds, id, expiresAt, createdAt].map(String),
      }),
    );
  }

  async find(id: string): Promise<StoredSession | undefined> {
    const text = await this.#connection.run((client) => client.get(this.#keyOf(id)));
    return text === null ? undefined : readSession(id, text);
  }

  async touch(found: StoredSession, lastUsedAt: number, idleMilliseconds: number): Promise<void> {
    const text = writeSession({ ...found, lastUsedAt });
    const onlyIfAlive = {
      condition: 'XX',
      expiration: { type: 'PX', value: idleMilliseconds },
    } as const;
    await this.#connection.run((client) => client.set(this.#keyOf(found.id), text, onlyIfAlive));
  }

  async end(id: SessionId): Promise<boolean> {
    return (await this.#connection.run((client) => client.del(this.#keyOf(id)))) === 1;
  }

  async endAll(subject: string): Promise<number> {
    const ended = await this.#connection.run((client) =>
      client.eval(END_ALL, { keys: [this.#indexOf(subject)], arguments: [this.#keyOf('')] }),
    );
    return Number(ended);
  }

  async list(subject: string): Promise<StoredSession[]> {
    const ids = await this.#connection.run((client) =>
      client.zRange(this.#indexOf(subject), 0, -1),
    );
    if (ids.length === 0) return [];
    const keys = ids.map((id) => this.#keyOf(id));
    const texts = await this.#connection.run((client) => client.mGet(keys));
    return ids
      .flatMap((id, index) => {
        const text = texts[index];
        return text ? [readSession(id, text)] : [];
      })
      .sort((one, other) => other.createdAt - one.createdAt);
  }

  #keyOf(id: string): string {
    return `${this.#prefix}session:${id}`;
  }

  #indexOf(subject: string): string {
    return `${this.#prefix}sessions-of:${subject}`;
  }
}
