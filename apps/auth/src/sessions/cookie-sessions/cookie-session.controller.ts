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
import { senderOf } from '../../platform/admission/sender.js';
import { REVOCATION_POSITION } from '../../revocations/api-revocation.js';
import { RevocationAnswer } from '../../revocations/revocation-answer.js';
import { LogoutService } from '../logout/logout.service.js';
import { CookieLoginService } from './cookie-login.service.js';
import { SessionTokenService } from './session-token.service.js';

const NOT_LOGGED_IN = { description: 'The cookie is missing or its session has ended' };
const CROSS_ORIGIN = {
  description: 'The request is cross-origin, or does not name its origin',
};
const STORE_UNAVAILABLE = { description: 'The session store does not answer' };

@ApiTags('session cookies')
@ApiServiceUnavailableResponse(STORE_UNAVAILABLE)
@Controller('session')
export class CookieSessionController {
  constructor(
    private readonly loginService: CookieLoginService,
    private readonly logoutService: LogoutService,
    private readonly tokenService: SessionTokenService,
    private readonly guard: SessionGuard,
    private readonly cookie: SessionCookie,
    private readonly answer: RevocationAnswer,
  ) {}

  @Post('login')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'logInWithCookie',
    summary: 'Log in with a session cookie instead of tokens',
    description:
      'Every log-in starts a new session and ends the one whose cookie the request carries. The ' +
      'cookie is `__Host-session`, or `session-development` if the issuer is plain HTTP on localhost.',
  })
  @ApiOkResponse({ standardSchema: CookieSessionReply })
  @ApiUnauthorizedResponse({ description: 'The user name or the password is wrong' })
  @ApiForbiddenResponse({ description: 'The request is cross-origin' })
  @ApiTooManyRequestsResponse({
    description: 'Too many attempts; the `Retry-After` header says how many seconds to wait',
  })
  async logIn(
    @Body({ schema: CookieLoginRequest }) credentials: CookieLoginRequest,
    @Headers('user-agent') userAgent: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CookieSessionReply> {
    // Prevents login CSRF: another site must not log the user in to an account of its choice.
    assertNotCrossOrigin(request, this.cookie);
    const from = { sender: senderOf(request), userAgent };
    const replaced = await this.#presented(request);
    const { credential, session } = await this.loginService.logIn(credentials, from, replaced);
    const maxAge = Math.floor((session.expiresAt - session.createdAt) / 1000);
    void reply.setCookie(this.cookie.name, credential, { ...this.cookie.attributes, maxAge });
    return describe(credential, session);
  }

  @Get()
  @ApiCookieAuth()
  @ApiOperation({
    operationId: 'getCookieSession',
    summary: 'Show the logged-in user and the CSRF token, for browsers that do not send an origin',
  })
  @ApiOkResponse({ standardSchema: CookieSessionReply })
  @ApiUnauthorizedResponse(NOT_LOGGED_IN)
  async show(@Req() request: FastifyRequest): Promise<CookieSessionReply> {
    const { credential, session } = await this.guard.recognize(request);
    return describe(credential, session);
  }

  @Post('token')
  @HttpCode(200)
  @ApiCookieAuth()
  @ApiOperation({
    operationId: 'getTokenOfCookieSession',
    summary: 'Get an access token for this session, for services that verify tokens',
    description:
      'The token ends with the session. There is no refresh token: call this again with the cookie.',
  })
  @ApiOkResponse({ standardSchema: TokenReply })
  @ApiUnauthorizedResponse(NOT_LOGGED_IN)
  @ApiForbiddenResponse(CROSS_ORIGIN)
  async token(@Req() request: FastifyRequest): Promise<TokenReply> {
    const { session } = await this.guard.recognize(request);
    return this.tokenService.issue(session);
  }

  @Delete()
  @IgnoresBody()
  @ApiCookieAuth()
  @ApiOperation({
    operationId: 'endCookieSession',
    summary: 'Log out: end the cookie and every access token of the session',
    description: 'By the time of the response, no service accepts the cookie.',
  })
  @ApiNoContentResponse({
    description: 'The session has ended; the revocation of its tokens is on its way',
    headers: REVOCATION_POSITION,
  })
  @ApiAcceptedResponse({ standardSchema: RevocationPendingReply })
  @ApiUnauthorizedResponse(NOT_LOGGED_IN)
  @ApiForbiddenResponse(CROSS_ORIGIN)
  async end(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    const { session } = await this.guard.recognize(request);
    const committed = await this.logoutService.logOut([session]);
    void reply.clearCookie(this.cookie.name, this.cookie.attributes);
    return this.answer.send(reply, committed);
  }

  /** Ignores an invalid cookie, so that the browser can log in again. */
  async #presented(request: FastifyRequest): Promise<Session | undefined> {
    try {
      return (await this.guard.recognize(request)).session;
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
