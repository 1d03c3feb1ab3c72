import { PresentedSessionId } from '@latchkey/contracts/auth-api';
import { SessionCookie } from '@latchkey/sessions-nestjs';
import { Injectable, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RefreshCookie } from '../cookies/refresh-cookie.js';
import { TokenAnswer } from '../cookies/token-answer.js';
import type { SessionId, UserId } from '../../platform/ids/stored-id.js';
import { SessionRecord } from '../session-record.js';
import { PresentedSessions } from './presented-sessions.js';

/** The sessions that a log-out has ended: single ones, or all sessions of some users. */
export type Ended =
  { readonly ids: ReadonlySet<SessionId> } | { readonly userIds: ReadonlySet<UserId> };

/** Clears the browser's cookies of ended sessions. Cookies of other sessions stay. */
@Injectable()
export class LogoutCookies {
  constructor(
    private readonly presented: PresentedSessions,
    private readonly sessions: SessionRecord,
    private readonly refreshCookie: RefreshCookie,
    private readonly tokens: TokenAnswer,
    @Optional() private readonly sessionCookie?: SessionCookie,
  ) {}

  async clear(request: FastifyRequest, reply: FastifyReply, ended: Ended): Promise<void> {
    const { refresh, access } = await this.presented.namedByCookies(request);
    if (await this.#hasEnded(refresh, ended)) this.refreshCookie.clear(reply);
    if (await this.#hasEnded(access, ended)) this.tokens.clearCookie(reply);
    const cookie = this.sessionCookie;
    if (cookie && (await this.#hasEnded(sessionIdIn(cookie.read(request)), ended)))
      void reply.clearCookie(cookie.name, cookie.attributes);
  }

  async #hasEnded(id: string | undefined, ended: Ended): Promise<boolean> {
    if (id === undefined) return false;
    if ('ids' in ended) return [...ended.ids].some((one) => one === id);
    const session = await this.sessions.find(id);
    return session !== undefined && ended.userIds.has(session.userId);
  }
}

/** A browser can send anything as the cookie, but Postgres fails on an id that is not a UUID. */
const sessionIdIn = (credential: string | undefined): string | undefined =>
  PresentedSessionId.safeParse(credential?.split('.')[0]).data;
