import { RevocationPendingReply, SessionListReply, Username } from '@latchkey/contracts/auth-api';
import { IgnoresBody } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal } from '@latchkey/verifier-nestjs';
import { Delete, Get, Param, Res } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiRevocation } from '../../revocations/api-revocation.js';
import { RevocationAnswer } from '../../revocations/revocation-answer.js';
import { AdminRoutes } from '../admin-routes.js';
import { AdminUsersService } from './admin-users.service.js';

@ApiNotFoundResponse({ description: 'The user does not exist' })
@AdminRoutes('users/:username/sessions')
export class UserSessionsController {
  constructor(
    private readonly users: AdminUsersService,
    private readonly answer: RevocationAnswer,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listSessionsOfUser',
    summary: 'List the live sessions of a user, the newest first',
    description: '`current` marks the session of the administrator.',
  })
  @ApiOkResponse({ standardSchema: SessionListReply })
  list(
    @Param('username', { schema: Username }) username: string,
    @CurrentPrincipal() { sessionId }: Principal,
  ): Promise<SessionListReply> {
    return this.users.sessions(username, sessionId);
  }

  @Delete()
  @IgnoresBody()
  @ApiOperation({
    operationId: 'endSessionsOfUser',
    summary: 'End all sessions of a user, who may log in again',
  })
  @ApiRevocation()
  async end(
    @Param('username', { schema: Username }) username: string,
    @CurrentPrincipal() { subject }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    return this.answer.send(reply, await this.users.endSessions(username, subject));
  }
}
