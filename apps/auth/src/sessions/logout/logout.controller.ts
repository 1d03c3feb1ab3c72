import { ConfirmQuery, ReceiptsReply } from '@latchkey/contracts';
import { LogoutRequest, RevocationPendingReply } from '@latchkey/contracts/auth-api';
import { deferValidation } from '@latchkey/service-kit';
import { Body, Controller, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiBody,
  ApiCookieAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RevocationAnswer } from '../../revocations/revocation-answer.js';
import { LogoutCookies } from './logout-cookies.js';
import { LogoutService } from './logout.service.js';
import { PresentedSessions, type LogoutBody } from './presented-sessions.js';

const ON_ITS_WAY = { description: 'Ended, and on its way to every service' };
const CONFIRMED = {
  standardSchema: ReceiptsReply,
  description: 'Ended; how many verifiers refuse its tokens by now, where `confirm` was asked for',
};
const NOT_YET = {
  standardSchema: RevocationPendingReply,
  description: 'Ended and recorded; the services learn it once NATS can be reached',
};

const UNFIT_BODY = {
  description:
    'The body is malformed. A malformed `refreshToken` alone is refused only if no other credential is good',
};

const BODY = { schema: deferValidation(LogoutRequest.optional()) };

@ApiTags('sessions')
@ApiBearerAuth()
@Controller('logout')
export class LogoutController {
  constructor(
    private readonly service: LogoutService,
    private readonly presented: PresentedSessions,
    private readonly cookies: LogoutCookies,
    private readonly answer: RevocationAnswer,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'End this session',
    description:
      'By the access token, which may have expired, by the refresh token in the body, or by a ' +
      'cookie: one that is good is enough, even beside others that are not. Cookies count where ' +
      'neither header nor body names a live session. A malformed `refreshToken` is refused only ' +
      'if no other credential is good. Ending it again is answered alike. ' +
      '`Revocation-Position` is the number of the revocation: a later call that ' +
      'sends it as `Revocation-Min-Position` is judged by no verifier that has not applied it. With ' +
      '`confirm` the answer waits for the verifiers, at most so many milliseconds.',
  })
  @ApiBody({ required: false })
  @ApiOkResponse(CONFIRMED)
  @ApiNoContentResponse(ON_ITS_WAY)
  @ApiAcceptedResponse(NOT_YET)
  @ApiBadRequestResponse(UNFIT_BODY)
  @ApiUnauthorizedResponse({ description: 'No token, or none of ours' })
  async logOut(
    @Req() request: FastifyRequest,
    @Body(BODY) body: LogoutBody,
    @Query({ schema: ConfirmQuery }) { confirm }: ConfirmQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | ReceiptsReply | undefined> {
    const sessions = await this.presented.find(request, body);
    const committed = await this.service.logOut(sessions);
    await this.cookies.clear(request, reply, { ids: new Set(sessions.map(({ id }) => id)) });
    return confirm === undefined
      ? this.answer.send(reply, committed)
      : this.answer.sendConfirmed(reply, committed, confirm);
  }

  @Post('everywhere')
  @ApiCookieAuth()
  @ApiOperation({
    summary: 'End all sessions of this account, this one included',
    description:
      'By the same credentials as `POST /logout`; the session must be live, the token may have expired.',
  })
  @ApiBody({ required: false })
  @ApiOkResponse(CONFIRMED)
  @ApiNoContentResponse(ON_ITS_WAY)
  @ApiAcceptedResponse(NOT_YET)
  @ApiBadRequestResponse(UNFIT_BODY)
  async logOutEverywhere(
    @Req() request: FastifyRequest,
    @Body(BODY) body: LogoutBody,
    @Query({ schema: ConfirmQuery }) { confirm }: ConfirmQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | ReceiptsReply | undefined> {
    const presented = await this.presented.find(request, body);
    const { committed, userIds } = await this.service.logOutEverywhere(presented);
    await this.cookies.clear(request, reply, { userIds });
    return confirm === undefined
      ? this.answer.send(reply, committed)
      : this.answer.sendConfirmed(reply, committed, confirm);
  }
}
