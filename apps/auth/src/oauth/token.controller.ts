import { TokenForm, TokenReply } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RefreshCookie } from '../cookies/refresh-cookie.js';
import { RefreshService } from '../refresh/refresh.service.js';
import { ClientAuthentication } from './client-authentication.js';
import { FORM_MEDIA_TYPE, OAUTH_ERROR_RESPONSE } from './oauth-wire.js';

@ApiTags('oauth')
@Controller('oauth/token')
export class TokenController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly refreshing: RefreshService,
    private readonly cookie: RefreshCookie,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiConsumes(FORM_MEDIA_TYPE)
  @ApiOperation({
    summary: 'Exchange a refresh token for a new one and an access token (RFC 6749 §6)',
    description:
      'A browser sends its cookie instead of `refresh_token`. A refresh token is used once; the ' +
      'same one sent twice within seconds gets the same successor, and later ends the session.',
  })
  @ApiOkResponse({ standardSchema: TokenReply })
  @ApiBadRequestResponse(OAUTH_ERROR_RESPONSE)
  async exchange(
    @Body({ schema: TokenForm }) form: TokenForm,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenReply> {
    const client = await this.clients.identify(request.headers.authorization, form);
    if (form.grant_type !== 'refresh_token')
      throw new ProblemError(400, 'unsupported_grant_type', 'Only refresh_token is supported');
    const refreshToken = form.refresh_token ?? this.cookie.read(request);
    if (refreshToken === undefined)
      throw new ProblemError(400, 'invalid_request', 'refresh_token is missing');
    const granted = await this.refreshing.refresh({
      refreshToken,
      clientId: client?.clientId,
      scope: form.scope,
    });
    return this.cookie.deliver(reply, granted);
  }
}
