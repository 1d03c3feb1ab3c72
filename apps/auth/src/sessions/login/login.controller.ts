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
import { clientOf } from '../../platform/admission/client-address.js';
import { LoginService } from './login.service.js';

@ApiTags('accounts')
@Controller('login')
export class LoginController {
  constructor(
    private readonly login: LoginService,
    private readonly answer: TokenAnswer,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Log in: an access token and a refresh token',
    description:
      'With `refreshTokenDelivery: "cookie"` the refresh token comes as an HttpOnly cookie, and so ' +
      'do all that follow it in this session. With `accessTokenDelivery: "cookie"` beside it the access ' +
      'token does too, where `ACCESS_TOKEN_COOKIE` is configured, and a script sees none of either: ' +
      'the body says when the next one is due. The cookie is `__Host-access-token`, or ' +
      '`access-token-development` where the pages are on plain HTTP on this machine.',
  })
  @ApiOkResponse({ standardSchema: z.union([TokenReply, TokenCookieReply]) })
  @ApiUnauthorizedResponse({ description: 'Name or password is wrong; which one is not told' })
  @ApiForbiddenResponse({ description: 'Another page asks for a cookie' })
  @ApiTooManyRequestsResponse({ description: 'Try again after `Retry-After` seconds' })
  async logIn(
    @Body({ schema: LoginRequest }) request: LoginRequest,
    @Headers('user-agent') userAgent: string | undefined,
    @Req() from: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenReply | TokenCookieReply> {
    if (request.accessTokenDelivery === 'cookie') this.answer.checkCookieLogin(from);
    const granted = await this.login.logIn(request, clientOf(from), userAgent);
    return this.answer.send(reply, granted);
  }
}
