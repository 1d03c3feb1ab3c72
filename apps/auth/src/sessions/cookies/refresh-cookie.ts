import { REFRESH_COOKIE } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { originOf } from '@latchkey/verifier-nestjs/guards';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SETTINGS, type Settings } from '../../platform/settings.js';

/** What the prefix `__Host-` demands, and out of reach of scripts and other sites. */
const ATTRIBUTES = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const;

/** The refresh token of a browser, which its scripts never see. */
@Injectable()
export class RefreshCookie {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  /**
   * The cookie's token, for a request that must act on it.
   *
   * SameSite alone lets a neighbouring subdomain in: the browser must say that the request comes
   * from this very origin. Who says nothing is no browser, and needs no cookie.
   *
   * @throws ProblemError 403 when the request comes from elsewhere
   */
  read(request: FastifyRequest): string | undefined {
    const token = this.peek(request);
    if (token !== undefined && !this.#isSameOrigin(request)) {
      throw new ProblemError(403, 'cross_origin', 'The cookie counts on its own origin only');
    }
    return token;
  }

  /** The same without looking at where the request comes from. */
  peek(request: FastifyRequest): string | undefined {
    const value = request.cookies[REFRESH_COOKIE];
    return value === '' ? undefined : value;
  }

  /** For as long as it may be left unused. */
  set(reply: FastifyReply, token: string): void {
    const maxAge = Math.floor(this.settings.refreshIdleLifetimeSeconds);
    void reply.setCookie(REFRESH_COOKIE, token, { ...ATTRIBUTES, maxAge });
  }

  /**
   * Only a log-out does. A refresh that failed must not: it may have lost a race, and the cookie
   * in the browser be the winner's.
   */
  clear(reply: FastifyReply): void {
    void reply.clearCookie(REFRESH_COOKIE, ATTRIBUTES);
  }

  #isSameOrigin(request: FastifyRequest): boolean {
    const own = new URL(this.settings.issuer).origin;
    return originOf(request, (origin) => origin === own) === 'allowed';
  }
}
