import { REFRESH_COOKIE } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { originOf } from '@latchkey/verifier-nestjs/guards';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SETTINGS, type Settings } from '../../platform/settings.js';

/** The `__Host-` prefix requires `path` and `secure`; the rest keeps out scripts and other sites. */
const ATTRIBUTES = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const;

/** The cookie that keeps a browser's refresh token away from scripts. */
@Injectable()
export class RefreshCookie {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  /**
   * Returns the cookie's token after a CSRF check. SameSite alone admits requests from sibling
   * subdomains, so the request must name this exact origin, or one of SESSION_ORIGINS. A client that
   * names none is not a browser and does not need the cookie.
   *
   * @throws ProblemError 403 if the request comes from another origin or names none
   */
  read(request: FastifyRequest): string | undefined {
    const token = this.peek(request);
    if (token !== undefined && originOf(request, this.#isAllowed) !== 'allowed') {
      throw new ProblemError(
        403,
        'cross_origin',
        'The cookie is accepted from its own origin and those of SESSION_ORIGINS only',
      );
    }
    return token;
  }

  /** Returns the cookie's token without a CSRF check. */
  peek(request: FastifyRequest): string | undefined {
    const value = request.cookies[REFRESH_COOKIE];
    return value === '' ? undefined : value;
  }

  /** Sets the cookie for the idle lifetime of the token. */
  set(reply: FastifyReply, token: string): void {
    const maxAge = Math.floor(this.settings.refreshIdleLifetimeSeconds);
    void reply.setCookie(REFRESH_COOKIE, token, { ...ATTRIBUTES, maxAge });
  }

  /**
   * Only log-outs may call this. A failed refresh must not clear the cookie: it may have lost a race, and
   * the browser may hold the winner's cookie.
   */
  clear(reply: FastifyReply): void {
    void reply.clearCookie(REFRESH_COOKIE, ATTRIBUTES);
  }

  readonly #isAllowed = (origin: string): boolean =>
    origin === new URL(this.settings.issuer).origin ||
    this.settings.refreshCookieOrigins.includes(origin);
}
