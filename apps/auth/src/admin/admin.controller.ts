import {
  ClientId,
  PresentedSessionId,
  RevocationPendingReply,
  Username,
} from '@latchkey/contracts/auth-api';
import { IgnoresBody } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { AccessTokenGuard, CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, Delete, HttpCode, Param, Post, Res, UseGuards } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { RevocationAnswer } from '../revocations/revocation-answer.js';
import { AdminService } from './admin.service.js';

const ON_ITS_WAY = { description: 'Done, and on its way to every service' };
const NOT_YET = {
  standardSchema: RevocationPendingReply,
  description: 'Done and recorded; the services learn it once NATS can be reached',
};

@ApiTags('admin')
@ApiBearerAuth()
@ApiForbiddenResponse({ description: 'The token lacks the scope auth:admin' })
@ApiNotFoundResponse({ description: 'There is no such thing' })
@UseGuards(AccessTokenGuard)
@RequireScopes('auth:admin')
@Controller('admin')
export class AdminController {
  constructor(
    private readonly admin: AdminService,
    private readonly answer: RevocationAnswer,
  ) {}

  @Post('users/:username/disable')
  @ApiOperation({ summary: 'Disable a user; ends all of their sessions' })
  @ApiConflictResponse({ description: 'The only administrator who is not disabled' })
  @ApiNoContentResponse(ON_ITS_WAY)
  @ApiAcceptedResponse(NOT_YET)
  async disableUser(
    @Param('username', { schema: Username }) username: string,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    return this.answer.send(reply, await this.admin.disableUser(username, subject));
  }

  @Post('users/:username/enable')
  @HttpCode(204)
  @ApiOperation({ summary: 'Let a disabled user log in again' })
  @ApiNoContentResponse({ description: 'Done' })
  async enableUser(
    @Param('username', { schema: Username }) username: string,
    @CurrentPrincipal() { subject }: Principal,
  ): Promise<void> {
    await this.admin.enableUser(username, subject);
  }

  @Delete('sessions/:sid')
  @IgnoresBody()
  @ApiOperation({ summary: 'End a session of any user' })
  @ApiNoContentResponse(ON_ITS_WAY)
  @ApiAcceptedResponse(NOT_YET)
  async endSession(
    @Param('sid', { schema: PresentedSessionId }) id: string,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    return this.answer.send(reply, await this.admin.endSession(id, subject));
  }

  @Post('clients/:clientId/revoke')
  @ApiOperation({
    summary: 'Revoke a client: its tokens, its sessions and its secrets',
    description: 'A new secret in the configuration brings it back.',
  })
  @ApiNoContentResponse(ON_ITS_WAY)
  @ApiAcceptedResponse(NOT_YET)
  async revokeClient(
    @Param('clientId', { schema: ClientId }) clientId: string,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    return this.answer.send(reply, await this.admin.revokeClient(clientId, subject));
  }
}
