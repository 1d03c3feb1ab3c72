import { IntrospectionReply, PresentedTokenForm } from '@latchkey/contracts/auth-api';
import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiBasicAuth, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { OwnPrincipal } from '../tokens/own-token-verifier.js';
import { LiveTokenVerifier } from '../sessions/live-token-verifier.js';
import type { LiveSessionEntity } from '../sessions/live-session.entity.js';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { ApiOAuthErrors, FORM_MEDIA_TYPE } from './oauth-wire.js';

const INACTIVE: IntrospectionReply = { active: false };

@ApiTags('oauth')
@Controller('oauth/introspect')
export class IntrospectController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly accessTokens: LiveTokenVerifier,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiBasicAuth()
  @ApiConsumes(FORM_MEDIA_TYPE)
  @ApiOperation({
    operationId: 'introspectToken',
    summary: 'Tell whether an access token is active (RFC 7662)',
    description:
      'For authenticated clients. Refresh tokens are always reported as inactive, because resource ' +
      'servers have no use for them.',
  })
  @ApiOkResponse({ standardSchema: IntrospectionReply })
  @ApiOAuthErrors()
  async introspect(
    @Body({ schema: PresentedTokenForm }) form: PresentedTokenForm,
    @Headers('authorization') authorization: string | undefined,
  ): Promise<IntrospectionReply> {
    await this.clients.requireAuthenticated(authorization, form);
    const principal = await this.accessTokens.readForAnyService(form.token);
    return principal ? this.#describe(principal) : INACTIVE;
  }

  async #describe(principal: OwnPrincipal): Promise<IntrospectionReply> {
    const session = await this.accessTokens.sessionOf(principal);
    if (session) return describe(principal, session);
    return (await this.accessTokens.isLiveClientToken(principal)) ? describe(principal) : INACTIVE;
  }
}

function describe(principal: OwnPrincipal, session?: LiveSessionEntity): IntrospectionReply {
  return {
    active: true,
    token_type: 'Bearer',
    iss: principal.issuer,
    sub: principal.subject,
    aud: [...principal.audience],
    exp: principal.expiresAt,
    iat: principal.issuedAt,
    jti: principal.tokenId,
    client_id: principal.clientId,
    scope: [...principal.scopes].join(' '),
    ...(session && { username: session.username, sid: session.id }),
    ...(principal.actor && { act: principal.actor }),
  };
}
