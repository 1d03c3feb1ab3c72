import { randomUUID } from 'node:crypto';
import {
  digestOf,
  formatCredential,
  matches,
  newCredential,
  parseCredential,
} from './session-credential.js';
import type { SessionId } from './session-id.js';
import type { Session, StoredSession } from './session.js';
import type { SessionStore } from './session-store.js';

export interface SessionsOptions {
  /** A session that is not used for this long ends. Default 30 minutes. */
  readonly idleSeconds?: number;
  /** A session ends after this in any case. Default 12 hours. */
  readonly absoluteSeconds?: number;
  /**
   * A use is written down at most once in this time, so that requests do not write; a session may
   * end earlier by as much. Default a tenth of `idleSeconds`, at most a minute.
   */
  readonly touchIntervalSeconds?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface NewSession {
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly userAgent?: string | undefined;
  /** NumericDate in seconds. Default now. */
  readonly authenticatedAt?: number;
  /** Where another record already knows the session. Default a random UUID. */
  readonly id?: SessionId;
}

export interface StartedSession {
  /** The cookie's value. Nobody can get it again: the store has a digest of it. */
  readonly credential: string;
  readonly session: Session;
}

/** Starts, recognises and ends sessions. Every replica has one, over the same store. */
export class Sessions {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
  readonly #touchIntervalMilliseconds: number;
  readonly #now: () => number;

  /** @throws RangeError for times that contradict each other */
  constructor(
    private readonly store: SessionStore,
    options: SessionsOptions = {},
  ) {
    const { idleSeconds = 30 * 60, absoluteSeconds = 12 * 3600, now = () => Date.now() } = options;
    const { touchIntervalSeconds = Math.min(60, idleSeconds / 10) } = options;
    if (!(idleSeconds > 0 && absoluteSeconds > 0))
      throw new RangeError('a session lasts for more than nothing');
    if (!(touchIntervalSeconds >= 0 && touchIntervalSeconds < idleSeconds))
      throw new RangeError('touchIntervalSeconds must be less than idleSeconds');
    this.idleSeconds = idleSeconds;
    this.absoluteSeconds = absoluteSeconds;
    this.#touchIntervalMilliseconds = touchIntervalSeconds * 1000;
    this.#now = now;
  }

  /**
   * A session with a secret of its own: never one that the caller had before, which somebody may
   * have planted.
   *
   * @throws SessionStoreUnavailableError
   */
  async start(request: NewSession): Promise<StartedSession> {
    const now = this.#now();
    const id = request.id ?? (randomUUID() as string as SessionId);
    const credential = newCredential(id);
    const session: StoredSession = {
      id,
      subject: request.subject,
      clientId: request.clientId,
      scopes: request.scopes,
      userAgent: request.userAgent,
      authenticatedAt: request.authenticatedAt ?? Math.floor(now / 1000),
      createdAt: now,
      lastUsedAt: now,
      expiresAt: now + this.absoluteSeconds * 1000,
      secretDigest: digestOf(credential.secret),
    };
    await this.store.add(session, this.#idleMilliseconds(session, now));
    return { credential: formatCredential(credential), session: withoutSecret(session) };
  }

  /**
   * The session of this credential, and a sign of life for it.
   *
   * @returns undefined for one that never was, has ended or has expired, and for a wrong secret
   * @throws SessionStoreUnavailableError
   */
  async find(credential: string): Promise<Session | undefined> {
    const parsed = parseCredential(credential);
    if (!parsed) return undefined;
    const session = await this.store.find(parsed.sessionId);
    const now = this.#now();
    if (!session || session.expiresAt <= now || !matches(parsed.secret, session.secretDigest))
      return undefined;
    return withoutSecret(await this.#touched(session, now));
  }

  /** At once, for every replica. @returns whether it lived @throws SessionStoreUnavailableError */
  end(id: SessionId): Promise<boolean> {
    return this.store.end(id);
  }

  /** @returns how many there were @throws SessionStoreUnavailableError */
  endAll(subject: string): Promise<number> {
    return this.store.endAll(subject);
  }

  /** Newest first. @throws SessionStoreUnavailableError */
  async list(subject: string): Promise<Session[]> {
    const now = this.#now();
    const sessions = await this.store.list(subject);
    return sessions.filter(({ expiresAt }) => expiresAt > now).map(withoutSecret);
  }

  async #touched(session: StoredSession, now: number): Promise<StoredSession> {
    if (now - session.lastUsedAt < this.#touchIntervalMilliseconds) return session;
    await this.store.touch(session, now, this.#idleMilliseconds(session, now));
    return { ...session, lastUsedAt: now };
  }

  #idleMilliseconds({ expiresAt }: Session, now: number): number {
    return Math.ceil(Math.min(this.idleSeconds * 1000, expiresAt - now));
  }
}

function withoutSecret({ secretDigest: _, ...session }: StoredSession): Session {
  return session;
}
