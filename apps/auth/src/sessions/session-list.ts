import type { SessionListReply } from '@latchkey/contracts/auth-api';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../platform/settings.js';
import { CookieSessions } from './cookie-sessions/cookie-sessions.js';
import type { LiveSessionEntity } from './live-session.entity.js';
import { SessionRecord } from './session-record.js';

/** The live sessions of a user, as the user and administrators see them. */
@Injectable()
export class SessionList {
  constructor(
    private readonly sessions: SessionRecord,
    private readonly cookies: CookieSessions,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Newest first. @param current the id of the session that makes the request */
  async of(userId: string, current: string | undefined): Promise<SessionListReply> {
    const sessions = await this.#alive(await this.sessions.listLive(userId), userId);
    return { sessions: sessions.map((session) => this.#describe(session, current)) };
  }

  /** Drops cookie sessions that the session store has ended, and takes their last use from it. */
  async #alive(sessions: LiveSessionEntity[], userId: string): Promise<LiveSessionEntity[]> {
    if (sessions.every(({ refreshDelivery }) => refreshDelivery !== null)) return sessions;
    const cookies = new Map((await this.cookies.list(userId)).map((one) => [one.id, one]));
    return sessions.flatMap((session) => {
      if (session.refreshDelivery !== null) return [session];
      const cookie = cookies.get(session.id);
      return cookie ? [{ ...session, lastUsedAt: new Date(cookie.lastUsedAt) }] : [];
    });
  }

  #describe(session: LiveSessionEntity, current: string | undefined) {
    const { sessionAddresses } = this.settings;
    return {
      sid: session.id,
      current: session.id === current,
      createdAt: session.createdAt.toISOString(),
      lastUsedAt: session.lastUsedAt.toISOString(),
      expiresAt: session.expiresAt.toISOString(),
      userAgent: session.userAgent,
      // Those of earlier are stored until the session is next refreshed.
      loginAddress: sessionAddresses ? session.loginAddress : null,
      lastAddress: sessionAddresses ? session.lastAddress : null,
    };
  }
}
