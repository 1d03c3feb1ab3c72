import { ConfirmQuery, ReceiptsReply } from '@latchkey/contracts';
import { LogoutRequest, RevocationPendingReply } from '@latchkey/contracts/auth-api';
import { ApiCaller, ApiCredentialInBody, deferValidation } from '@latchkey/service-kit';
import { Body, Controller, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBody,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { REVOCATION_POSITION } from '../../revocations/api-revocation.js';
import { RevocationAnswer } from '../../revocations/revocation-answer.js';
import { LogoutCookies } from './logout-cookies.js';
import { LogoutService } from './logout.service.js';
import { PresentedSessions, type LogoutBody } from './presented-sessions.js';

const PUBLISHED = {
  description: 'Ended; the revocation is on its way to every service',
  headers: REVOCATION_POSITION,
};
const CONFIRMED = {
  standardSchema: ReceiptsReply,
  description: 'With `confirm`: ended, and how many verifiers reject the tokens by now',
  headers: REVOCATION_POSITION,
};
const PENDING = {
  standardSchema: RevocationPendingReply,
  description: 'Ended and recorded; the services learn of it once NATS is reachable',
};

const MALFORMED_BODY = {
  description:
    'The body is malformed. A malformed `refreshToken` alone is refused only if no other credential is valid',
};

const BODY = { schema: deferValidation(LogoutRequest.optional()) };

@ApiTags('sessions')
@ApiCaller()
@ApiCredentialInBody()
@Controller('logout')
export class LogoutController {
  constructor(
    private readonly logoutService: LogoutService,
    private readonly presented: PresentedSessions,
    private readonly cookies: LogoutCookies,
    private readonly answer: RevocationAnswer,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'logOut',
    summary: 'End this session',
    description:
      'Send the access token, which may have expired, the refresh token in the body, or a cookie. ' +
      'One valid credential is enough, even next to invalid ones. Cookies count only if neither ' +
      'the header nor the body names a live session. A malformed `refreshToken` is refused only ' +
      'if no other credential is valid. Logging out twice gets the same response. ' +
      '`Revocation-Position` is the position of the revocation. Send it as ' +
      '`Revocation-Min-Position` with a later call to prevent a stale read: verifiers that have ' +
      'not applied the revocation will not judge that call. ' +
      'With `confirm`, the response waits up to that many milliseconds for the verifiers.',
  })
  @ApiBody({ required: false })
  @ApiOkResponse(CONFIRMED)
  @ApiNoContentResponse(PUBLISHED)
  @ApiAcceptedResponse(PENDING)
  @ApiBadRequestResponse(MALFORMED_BODY)
  @ApiUnauthorizedResponse({ description: 'No valid credential was sent' })
  async logOut(
    @Req() request: FastifyRequest,
    @Body(BODY) body: LogoutBody,
    @Query({ schema: ConfirmQuery }) { confirm }: ConfirmQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | ReceiptsReply | undefined> {
    const sessions = await this.presented.find(request, body);
    const committed = await this.logoutService.logOut(sessions);
    await this.cookies.clear(request, reply, { ids: new Set(sessions.map(({ id }) => id)) });
    return confirm === undefined
      ? this.answer.send(reply, committed)
      : this.answer.sendConfirmed(reply, committed, confirm);
  }

  @Post('everywhere')
  @ApiOperation({
    operationId: 'logOutEverywhere',
    summary: 'End all sessions of this account, including this one',
    description:
      'Takes the same credentials as `POST /logout`. The session must be live; the token may have expired.',
  })
  @ApiBody({ required: false })
  @ApiOkResponse(CONFIRMED)
  @ApiNoContentResponse(PUBLISHED)
  @ApiAcceptedResponse(PENDING)
  @ApiBadRequestResponse(MALFORMED_BODY)
  async logOutEverywhere(
    @Req() request: FastifyRequest,
    @Body(BODY) body: LogoutBody,
    @Query({ schema: ConfirmQuery }) { confirm }: ConfirmQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | ReceiptsReply | undefined> {
    const presented = await this.presented.find(request, body);
    const { committed, userIds } = await this.logoutService.logOutEverywhere(presented);
    await this.cookies.clear(request, reply, { userIds });
    return confirm === undefined
      ? this.answer.send(reply, committed)
      : this.answer.sendConfirmed(reply, committed, confirm);
  }
}
