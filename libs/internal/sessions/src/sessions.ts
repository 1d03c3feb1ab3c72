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
  /** Sessions end after this time without use. Default 30 minutes. */
  readonly idleSeconds?: number;
  /** Sessions end after this time even if they are in use. Default 12 hours. */
  readonly absoluteSeconds?: number;
  /**
   * Minimum time between two writes of the last use, so that most requests do not write. A session may
   * end earlier by this time. Default: a tenth of `idleSeconds`, at most one minute.
   */
  readonly touchIntervalSeconds?: number;
  /** The current time in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

export interface NewSession {
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly userAgent?: string | undefined;
  /** NumericDate in seconds. Default: now. */
  readonly authenticatedAt?: number;
  /** Id under which another record already knows the session. Default: a random UUID. */
  readonly id?: SessionId;
}

export interface StartedSession {
  /** Value of the cookie. It cannot be retrieved later, because the store holds only a digest. */
  readonly credential: string;
  readonly session: Session;
}

/** Starts, finds and ends sessions. Each replica has its own instance over the shared store. */
export class Sessions {
  readonly #idleSeconds: number;
  readonly #absoluteSeconds: number;
  readonly #touchIntervalMilliseconds: number;
  readonly #now: () => number;

  /** @throws RangeError if the times are not positive or contradict each other */
  constructor(
    private readonly store: SessionStore,
    options: SessionsOptions = {},
  ) {
    const { idleSeconds = 30 * 60, absoluteSeconds = 12 * 3600, now = () => Date.now() } = options;
    const { touchIntervalSeconds = Math.min(60, idleSeconds / 10) } = options;
    if (!(idleSeconds > 0 && absoluteSeconds > 0))
      throw new RangeError('idleSeconds and absoluteSeconds must be positive');
    if (!(touchIntervalSeconds >= 0 && touchIntervalSeconds < idleSeconds))
      throw new RangeError('touchIntervalSeconds must be less than idleSeconds');
    this.#idleSeconds = idleSeconds;
    this.#absoluteSeconds = absoluteSeconds;
    this.#touchIntervalMilliseconds = touchIntervalSeconds * 1000;
    this.#now = now;
  }

  /**
   * Starts a session with a fresh secret. Reusing the secret of an earlier session would allow session
   * fixation.
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
      expiresAt: now + this.#absoluteSeconds * 1000,
      secretDigest: digestOf(credential.secret),
    };
    await this.store.add(session, this.#idleMilliseconds(session, now));
    return { credential: formatCredential(credential), session: withoutSecret(session) };
  }

  /**
   * Finds the session of a credential and extends it.
   *
   * @returns undefined if the session does not exist, has ended or expired, or if the secret is wrong
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

  /**
   * Ends a session at once, on every replica.
   *
   * @returns whether it was alive
   * @throws SessionStoreUnavailableError
   */
  end(id: SessionId): Promise<boolean> {
    return this.store.end(id);
  }

  /**
   * Ends all sessions of a subject.
   *
   * @returns how many were alive
   * @throws SessionStoreUnavailableError
   */
  endAll(subject: string): Promise<number> {
    return this.store.endAll(subject);
  }

  /**
   * Lists the sessions of a subject, newest first.
   *
   * @throws SessionStoreUnavailableError
   */
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
    return Math.ceil(Math.min(this.#idleSeconds * 1000, expiresAt - now));
  }
}

function withoutSecret({ secretDigest: _, ...session }: StoredSession): Session {
  return session;
}
