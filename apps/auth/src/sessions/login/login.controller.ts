import { LoginRequest, TokenCookieReply, TokenReply } from '@latchkey/contracts/auth-api';
import { Body, Controller, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiForbiddenResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { TokenAnswer } from '../cookies/token-answer.js';
import { senderOf } from '../../platform/admission/sender.js';
import { LoginService } from './login.service.js';

@ApiTags('accounts')
@Controller('login')
export class LoginController {
  constructor(
    private readonly loginService: LoginService,
    private readonly answer: TokenAnswer,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'logIn',
    summary: 'Log in and get an access token and a refresh token',
    description:
      'With `refreshTokenDelivery: "cookie"`, the refresh token and all its successors come in an ' +
      'HttpOnly cookie. With `accessTokenDelivery: "cookie"` as well, so does the access token, if ' +
      '`ACCESS_TOKEN_COOKIE` is configured. Scripts then see neither token, and the body says when ' +
      'the access token expires. The cookie is `__Host-access-token`, or ' +
      '`access-token-development` if the pages use plain HTTP on localhost.',
  })
  @ApiOkResponse({ standardSchema: z.union([TokenReply, TokenCookieReply]) })
  @ApiUnauthorizedResponse({ description: 'The user name or the password is wrong' })
  @ApiForbiddenResponse({ description: 'A cross-origin request asks for an access token cookie' })
  @ApiTooManyRequestsResponse({
    description: 'Too many attempts; the `Retry-After` header says how many seconds to wait',
  })
  async logIn(
    @Body({ schema: LoginRequest }) request: LoginRequest,
    @Headers('user-agent') userAgent: string | undefined,
    @Req() from: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenReply | TokenCookieReply> {
    if (request.accessTokenDelivery === 'cookie') this.answer.checkCookieLogin(from);
    const granted = await this.loginService.logIn(request, senderOf(from), userAgent);
    return this.answer.send(reply, granted);
  }
}
