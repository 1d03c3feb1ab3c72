import {
  CookieLoginRequest,
  CookieSessionReply,
  RevocationPendingReply,
  TokenReply,
} from '@latchkey/contracts/auth-api';
import { IgnoresBody } from '@latchkey/service-kit';
import { csrfTokenOf, type Session } from '@latchkey/sessions';
import { SessionCookie, SessionGuard } from '@latchkey/sessions-nestjs';
import { AccessTokenException } from '@latchkey/verifier-nestjs';
import { assertNotCrossOrigin } from '@latchkey/verifier-nestjs/guards';
import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCookieAuth,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientOf } from '../../platform/admission/client-address.js';
import { RevocationAnswer } from '../../revocations/revocation-answer.js';
import { LogoutService } from '../logout/logout.service.js';
import { CookieLoginService } from './cookie-login.service.js';
import { SessionTokenService } from './session-token.service.js';

const NOT_LOGGED_IN = { description: 'No cookie, or none of a session that lives' };
const FOREIGN_PAGE = {
  description: 'The request comes from another page, or does not say from where',
};
const STORE_AWAY = { description: 'The session store does not answer' };

@ApiTags('session cookies')
@ApiServiceUnavailableResponse(STORE_AWAY)
@Controller('session')
export class CookieSessionController {
  constructor(
    private readonly login: CookieLoginService,
    private readonly logout: LogoutService,
    private readonly tokens: SessionTokenService,
    private readonly guard: SessionGuard,
    private readonly cookie: SessionCookie,
    private readonly answer: RevocationAnswer,
  ) {}

  @Post('login')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Log in: a session cookie, and no token',
    description:
      'A new session at every log-in; the one whose cookie is sent along ends. The cookie is ' +
      '`__Host-session`, or `session-development` where the issuer is plain HTTP on this machine.',
  })
  @ApiOkResponse({ standardSchema: CookieSessionReply })
  @ApiUnauthorizedResponse({ description: 'Name or password is wrong; which one is not told' })
  @ApiForbiddenResponse({ description: 'Another page sent this' })
  @ApiTooManyRequestsResponse({ description: 'Try again after `Retry-After` seconds' })
  async logIn(
    @Body({ schema: CookieLoginRequest }) credentials: CookieLoginRequest,
    @Headers('user-agent') userAgent: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CookieSessionReply> {
    // A foreign page must not log somebody in as whom it likes either.
    assertNotCrossOrigin(request, this.cookie);
    const from = { client: clientOf(request), userAgent };
    const replaced = await this.#presented(request);
    const { credential, session } = await this.login.logIn(credentials, from, replaced);
    const maxAge = Math.floor((session.expiresAt - session.createdAt) / 1000);
    void reply.setCookie(this.cookie.name, credential, { ...this.cookie.attributes, maxAge });
    return describe(credential, session);
  }

  @Get()
  @ApiCookieAuth()
  @ApiOperation({
    summary: 'Who is logged in, and the token for browsers that do not name an origin',
  })
  @ApiOkResponse({ standardSchema: CookieSessionReply })
  @ApiUnauthorizedResponse(NOT_LOGGED_IN)
  async show(@Req() request: FastifyRequest): Promise<CookieSessionReply> {
    const { credential, session } = await this.guard.recognise(request);
    return describe(credential, session);
  }

  @Post('token')
  @HttpCode(200)
  @ApiCookieAuth()
  @ApiOperation({
    summary: 'An access token of the same session, for services that verify tokens',
    description:
      'It ends with the session. There is no refresh token: the cookie gets the next one.',
  })
  @ApiOkResponse({ standardSchema: TokenReply })
  @ApiUnauthorizedResponse(NOT_LOGGED_IN)
  @ApiForbiddenResponse(FOREIGN_PAGE)
  async token(@Req() request: FastifyRequest): Promise<TokenReply> {
    const { session } = await this.guard.recognise(request);
    return this.tokens.issue(session);
  }

  @Delete()
  @IgnoresBody()
  @ApiCookieAuth()
  @ApiOperation({
    summary: 'Log out: the cookie, and every access token of the session',
    description: 'No service takes the cookie any more when this answers.',
  })
  @ApiNoContentResponse({ description: 'Ended; its tokens, on the way to every service' })
  @ApiAcceptedResponse({ standardSchema: RevocationPendingReply })
  @ApiUnauthorizedResponse(NOT_LOGGED_IN)
  @ApiForbiddenResponse(FOREIGN_PAGE)
  async end(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    const { session } = await this.guard.recognise(request);
    const committed = await this.logout.logOut([session]);
    void reply.clearCookie(this.cookie.name, this.cookie.attributes);
    return this.answer.send(reply, committed);
  }

  /** A browser whose cookie is worth nothing any more logs in like one without. */
  async #presented(request: FastifyRequest): Promise<Session | undefined> {
    try {
      return (await this.guard.recognise(request)).session;
    } catch (error) {
      if (error instanceof AccessTokenException && error.getStatus() < 500) return undefined;
      throw error;
    }
  }
}

const describe = (credential: string, session: Session): CookieSessionReply => ({
  sid: session.id,
  subject: session.subject,
  scope: session.scopes.join(' '),
  createdAt: new Date(session.createdAt).toISOString(),
  expiresAt: new Date(session.expiresAt).toISOString(),
  csrfToken: csrfTokenOf(credential),
});
