import { ClientId, PresentedSessionId, RevocationPendingReply } from '@latchkey/contracts/auth-api';
import { IgnoresBody } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, Delete, Param, Post, Res, UseGuards } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ADMIN_SCOPE } from '../platform/settings.js';
import { RevocationAnswer } from '../revocations/revocation-answer.js';
import { LiveTokenGuard } from '../sessions/live-token.guard.js';
import { AdminService } from './admin.service.js';

const PUBLISHED = { description: 'Done and published to every service' };
const PENDING = {
  standardSchema: RevocationPendingReply,
  description: 'Done and recorded; services are notified as soon as NATS is reachable',
};

@ApiTags('admin')
@ApiBearerAuth()
@ApiForbiddenResponse({ description: 'The token lacks the scope auth:admin' })
@ApiNotFoundResponse({ description: 'The session or client does not exist' })
@UseGuards(LiveTokenGuard)
@RequireScopes(ADMIN_SCOPE)
@Controller('admin')
export class AdminController {
  constructor(
    private readonly adminService: AdminService,
    private readonly answer: RevocationAnswer,
  ) {}

  @Delete('sessions/:sid')
  @IgnoresBody()
  @ApiOperation({ summary: 'End any session of any user' })
  @ApiNoContentResponse(PUBLISHED)
  @ApiAcceptedResponse(PENDING)
  async endSession(
    @Param('sid', { schema: PresentedSessionId }) id: string,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    return this.answer.send(reply, await this.adminService.endSession(id, subject));
  }

  @Post('clients/:clientId/revoke')
  @ApiOperation({
    summary: 'Revoke a client with its tokens, sessions and secrets',
    description: 'A new secret in the configuration enables the client again.',
  })
  @ApiNoContentResponse(PUBLISHED)
  @ApiAcceptedResponse(PENDING)
  async revokeClient(
    @Param('clientId', { schema: ClientId }) clientId: string,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    return this.answer.send(reply, await this.adminService.revokeClient(clientId, subject));
  }
}
