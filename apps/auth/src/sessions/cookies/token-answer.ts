import type { TokenCookieReply, TokenReply } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { AccessTokenCookie } from '@latchkey/verifier-nestjs';
import { assertNotCrossOrigin } from '@latchkey/verifier-nestjs/guards';
import { Injectable, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Granted } from '../grant.js';
import { RefreshCookie } from './refresh-cookie.js';

/**
 * Gives a browser what its session was granted: each token in the body or in its cookie, never in both.
 * Which of them was chosen at the log-in. Could a later request choose, a script on the page would.
 */
@Injectable()
export class TokenAnswer {
  constructor(
    private readonly refreshCookie: RefreshCookie,
    @Optional() private readonly accessCookie?: AccessTokenCookie,
  ) {}

  /**
   * For a log-in that asks for an access token in a cookie. A foreign page must not log somebody in as
   * whom it likes.
   *
   * @throws ProblemError 400 where there are none
   * @throws AccessTokenException 403 when it comes from elsewhere
   */
  checkCookieLogin(request: FastifyRequest): void {
    assertNotCrossOrigin(request, this.#cookie('invalid_request'));
  }

  /** @returns the body of the answer */
  send(
    reply: FastifyReply,
    { tokens, refresh, accessDelivery }: Granted,
  ): TokenReply | TokenCookieReply {
    void reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
    if (refresh?.delivery === 'cookie') this.refreshCookie.set(reply, refresh.token);
    if (accessDelivery === 'cookie') return this.#inCookie(reply, tokens);
    return refresh?.delivery === 'body' ? { ...tokens, refresh_token: refresh.token } : tokens;
  }

  /** Only a log-out does. */
  clearCookie(reply: FastifyReply): void {
    if (this.accessCookie)
      void reply.clearCookie(this.accessCookie.name, this.accessCookie.attributes);
  }

  #inCookie(
    reply: FastifyReply,
    { access_token: token, expires_in, scope }: TokenReply,
  ): TokenCookieReply {
    const { name, attributes } = this.#cookie('invalid_grant');
    void reply.setCookie(name, token, { ...attributes, maxAge: expires_in });
    return { expires_in, scope };
  }

  #cookie(code: string): AccessTokenCookie {
    if (this.accessCookie) return this.accessCookie;
    throw new ProblemError(400, code, 'There are no access tokens in cookies here');
  }
}
