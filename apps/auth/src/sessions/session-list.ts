import type { SessionListReply } from '@latchkey/contracts/auth-api';
import { Inject, Injectable } from '@nestjs/common';
import { currentAddress } from '../platform/admission/sender.js';
import { ServiceClock } from '../platform/clock/service-clock.js';
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
    private readonly clock: ServiceClock,
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
    const { lastUsedAt, expiresAt, lastAddress } = this.#lastUseOf(session, current);
    return {
      sid: session.id,
      current: session.id === current,
      createdAt: session.createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      userAgent: session.userAgent,
      // Those of earlier are stored until the session is next refreshed.
      loginAddress: sessionAddresses ? session.loginAddress : null,
      lastAddress: sessionAddresses ? lastAddress : null,
    };
  }

  /**
   * A session that asks about itself sees this request as its last use, and cannot tell when it was refreshed. Otherwise
   * a thief could keep asking with the stolen access token, and refresh right after the user each time: within the
   * grace period, both get the same successor, and neither is revealed (ADR 0054).
   */
  #lastUseOf(
    session: LiveSessionEntity,
    current: string | undefined,
  ): Pick<LiveSessionEntity, 'lastUsedAt' | 'expiresAt' | 'lastAddress'> {
    if (session.id !== current || session.refreshDelivery === null) return session;
    const now = this.clock.now();
    const idleAt = now + this.settings.refreshIdleLifetimeSeconds * 1000;
    return {
      lastUsedAt: new Date(now),
      expiresAt: new Date(Math.min(idleAt, session.absoluteExpiresAt.getTime())),
      lastAddress: currentAddress() ?? null,
    };
  }
}
