import {
  PresentedSessionId,
  RevocationPendingReply,
  SessionListReply,
} from '@latchkey/contracts/auth-api';
import { ApiCaller, IgnoresBody, notFound } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal } from '@latchkey/verifier-nestjs';
import { Controller, Delete, Get, Param, Res, UseGuards } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { UserGuard } from './cookie-sessions/user.guard.js';
import { ApiRevocation } from '../revocations/api-revocation.js';
import { RevocationAnswer } from '../revocations/revocation-answer.js';
import { Revocations } from '../revocations/revocations.js';
import { AuditLog } from '../platform/audit/audit-log.js';
import { OtherSessions } from './other-sessions.js';
import { SessionRevocation } from './session-revocation.js';
import { SessionList } from './session-list.js';
import { SessionRecord } from './session-record.js';

@ApiTags('sessions')
@ApiCaller()
@UseGuards(UserGuard)
@Controller('sessions')
export class SessionsController {
  constructor(
    private readonly sessions: SessionRecord,
    private readonly sessionList: SessionList,
    private readonly revocations: Revocations,
    private readonly sessionRevocation: SessionRevocation,
    private readonly answer: RevocationAnswer,
    private readonly others: OtherSessions,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listSessions', summary: 'List the live sessions of this account' })
  @ApiOkResponse({ standardSchema: SessionListReply })
  list(@CurrentPrincipal() { subject, sessionId }: Principal): Promise<SessionListReply> {
    return this.sessionList.of(subject, sessionId);
  }

  @Delete()
  @IgnoresBody()
  @ApiOperation({
    operationId: 'endOtherSessions',
    summary: 'End all sessions of this account but this one',
    description:
      'Each of them gets a revocation of its own. Log-ins that come later are not affected.',
  })
  @ApiRevocation()
  async endOthers(
    @CurrentPrincipal() { sessionId = '' }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    return this.answer.send(reply, await this.others.end(sessionId));
  }

  @Delete(':sid')
  @IgnoresBody()
  @ApiOperation({ operationId: 'endSession', summary: "End one of this account's sessions" })
  @ApiRevocation()
  @ApiNotFoundResponse({ description: 'The account does not have this session' })
  async end(
    @CurrentPrincipal() { subject: userId }: Principal,
    @Param('sid', { schema: PresentedSessionId }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | undefined> {
    const session = await this.sessions.find(id);
    // The response is the same for another user's session, so that ids cannot be probed.
    if (session?.userId !== userId) throw notFound('session');
    const { result: endedNow, ...committed } = await this.revocations.commitWith(
      async (manager) => {
        const revocations = await this.sessionRevocation.end(manager, session, 'session_ended');
        return { revocations, result: revocations.length > 0 };
      },
      { ending: [session] },
    );
    if (endedNow) this.audit.record('session_ended', { subject: userId, sessionId: session.id });
    return this.answer.send(reply, committed);
  }
}
