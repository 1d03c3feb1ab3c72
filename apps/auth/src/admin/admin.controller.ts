import { ClientId, PresentedSessionId, RevocationPendingReply } from '@latchkey/contracts/auth-api';
import { IgnoresBody } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal } from '@latchkey/verifier-nestjs';
import { Delete, Param, Post, Res } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiRevocation } from '../revocations/api-revocation.js';
import { RevocationAnswer } from '../revocations/revocation-answer.js';
import { AdminRoutes } from './admin-routes.js';
import { AdminService } from './admin.service.js';

@ApiNotFoundResponse({ description: 'The session or client does not exist' })
@AdminRoutes()
export class AdminController {
  constructor(
    private readonly adminService: AdminService,
    private readonly answer: RevocationAnswer,
  ) {}

  @Delete('sessions/:sid')
  @IgnoresBody()
  @ApiOperation({ operationId: 'endAnySession', summary: 'End any session of any user' })
  @ApiRevocation()
  async endSession(
    @Param('sid', { schema: PresentedSessionId }) id: string,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    return this.answer.send(reply, await this.adminService.endSession(id, subject));
  }

  @Post('clients/:clientId/revoke')
  @ApiOperation({
    operationId: 'revokeClient',
    summary: 'Revoke a client with its tokens, sessions and secrets',
    description: 'A new secret in the configuration enables the client again.',
  })
  @ApiRevocation()
  async revokeClient(
    @Param('clientId', { schema: ClientId }) clientId: string,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    return this.answer.send(reply, await this.adminService.revokeClient(clientId, subject));
  }
}
