import { LoginRequest, TokenReply } from '@latchkey/contracts/auth-api';
import { Body, Controller, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RefreshCookie } from '../cookies/refresh-cookie.js';
import { clientAddress } from '../throttling/client-address.js';
import { LoginService } from './login.service.js';

@ApiTags('accounts')
@Controller('login')
export class LoginController {
  constructor(
    private readonly login: LoginService,
    private readonly cookie: RefreshCookie,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Log in: an access token and a refresh token',
    description:
      'With `refreshTokenDelivery: "cookie"` the refresh token comes as an HttpOnly cookie, and so ' +
      'do all that follow it in this session.',
  })
  @ApiOkResponse({ standardSchema: TokenReply })
  @ApiUnauthorizedResponse({ description: 'Name or password is wrong; which one is not told' })
  @ApiTooManyRequestsResponse({ description: 'Try again after `Retry-After` seconds' })
  async logIn(
    @Body({ schema: LoginRequest }) request: LoginRequest,
    @Headers('user-agent') userAgent: string | undefined,
    @Req() from: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenReply> {
    const granted = await this.login.logIn(request, clientAddress(from), userAgent);
    return this.cookie.deliver(reply, granted);
  }
}
