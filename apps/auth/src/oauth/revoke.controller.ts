import { PresentedTokenForm } from '@latchkey/contracts/auth-api';
import { Body, Controller, Headers, HttpCode, Post, Res } from '@nestjs/common';
import { ApiBasicAuth, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { REVOCATION_POSITION } from '../revocations/api-revocation.js';
import { RevocationAnswer } from '../revocations/revocation-answer.js';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { ApiOAuthErrors, FORM_MEDIA_TYPE } from './oauth-wire.js';
import { RevokeService } from './revoke.service.js';

@ApiTags('oauth')
@Controller('oauth/revoke')
export class RevokeController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly revokeService: RevokeService,
    private readonly answer: RevocationAnswer,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiBasicAuth()
  @ApiConsumes(FORM_MEDIA_TYPE)
  @ApiOperation({
    operationId: 'revokeToken',
    summary: 'Revoke a token of the calling client (RFC 7009)',
    description:
      'Revoking a refresh token ends its session; revoking an access token also revokes the tokens ' +
      'it was exchanged for. `latchkey-web` is a public client and sends only its `client_id`. ' +
      '`Revocation-Position` is set once the revocation is on its way to the services.',
  })
  @ApiOkResponse({
    description: 'The token has been revoked, or was not valid in the first place',
    headers: REVOCATION_POSITION,
  })
  @ApiOAuthErrors()
  async revoke(
    @Body({ schema: PresentedTokenForm }) form: PresentedTokenForm,
    @Headers('authorization') authorization: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { clientId } = await this.clients.require(authorization, form);
    this.answer.setHeader(reply, await this.revokeService.revoke(form.token, clientId));
  }
}
