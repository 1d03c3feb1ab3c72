import type { TokenCookieReply, TokenReply } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { AccessTokenCookie } from '@latchkey/verifier-nestjs';
import { assertNotCrossOrigin } from '@latchkey/verifier-nestjs/guards';
import { Injectable, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IssuedTokens } from '../token-issuance.js';
import { RefreshCookie } from './refresh-cookie.js';

/** The headers of every response with a token (RFC 6749 §5.1). */
export const NOT_CACHED = { 'cache-control': 'no-store', pragma: 'no-cache' };

/**
 * Sends each token of a session either in the body or in a cookie, as chosen at log-in. Later
 * requests cannot choose, because an injected script could then move a token into the body.
 */
@Injectable()
export class TokenAnswer {
  constructor(
    private readonly refreshCookie: RefreshCookie,
    @Optional() private readonly accessCookie?: AccessTokenCookie,
  ) {}

  /**
   * Checks a log-in that asks for the access token in a cookie. Prevents login CSRF: another site
   * must not log the user in to an account of its choice.
   *
   * @throws ProblemError 400 if access token cookies are not configured
   * @throws AccessTokenException 403 if the request is cross-origin
   */
  checkCookieLogin(request: FastifyRequest): void {
    assertNotCrossOrigin(request, this.#cookie('invalid_request'));
  }

  /** Sets the cookies. @returns the body */
  send(
    reply: FastifyReply,
    { tokens, refresh, accessDelivery }: IssuedTokens,
  ): TokenReply | TokenCookieReply {
    void reply.headers(NOT_CACHED);
    if (refresh?.delivery === 'cookie') this.refreshCookie.set(reply, refresh.token);
    if (accessDelivery === 'cookie') return this.#inCookie(reply, tokens);
    return refresh?.delivery === 'body' ? { ...tokens, refresh_token: refresh.token } : tokens;
  }

  /** Only log-outs may call this; see `RefreshCookie.clear`. */
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
    throw new ProblemError(400, code, 'Access token cookies are not enabled');
  }
}
