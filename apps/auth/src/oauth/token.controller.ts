import { TokenForm, TokenReply } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ClientCredentialsService } from '../client-credentials/client-credentials.service.js';
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
    private readonly clientCredentials: ClientCredentialsService,
    private readonly cookie: RefreshCookie,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiConsumes(FORM_MEDIA_TYPE)
  @ApiOperation({
    summary: 'Get an access token for a refresh token, or as a client (RFC 6749 §6 and §4.4)',
    description:
      '`grant_type=refresh_token`: a browser sends its cookie instead of `refresh_token`. A refresh ' +
      'token is used once; the same one sent twice within seconds gets the same successor, and later ' +
      'ends the session.\n\n' +
      '`grant_type=client_credentials`: for a confidential client that is configured with scopes, ' +
      'authenticated by Basic or by `client_id` and `client_secret`. `scope` narrows what it gets, ' +
      '`resource` or `audience` (RFC 8707) for which service. There is no refresh token. Errors: ' +
      '`invalid_client`, `unauthorized_client` for a public client or one without scopes, ' +
      '`invalid_scope`, `invalid_target`.',
  })
  @ApiOkResponse({ standardSchema: TokenReply })
  @ApiBadRequestResponse(OAUTH_ERROR_RESPONSE)
  @ApiUnauthorizedResponse(OAUTH_ERROR_RESPONSE)
  async exchange(
    @Body({ schema: TokenForm }) form: TokenForm,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenReply> {
    switch (form.grant_type) {
      case 'refresh_token':
        return this.#refresh(form, request, reply);
      case 'client_credentials':
        return this.#issueToClient(form, request, reply);
      default:
        throw new ProblemError(400, 'unsupported_grant_type', 'There is no such grant here');
    }
  }

  async #refresh(
    form: TokenForm,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<TokenReply> {
    const client = await this.clients.identify(request.headers.authorization, form);
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

  async #issueToClient(
    form: TokenForm,
    { headers }: FastifyRequest,
    reply: FastifyReply,
  ): Promise<TokenReply> {
    const client = await this.clients.require(headers.authorization, form);
    const tokens = await this.clientCredentials.issue(client, form);
    void reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
    return tokens;
  }
}
