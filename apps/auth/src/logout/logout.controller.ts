import { ConfirmQuery, ReceiptsReply } from '@latchkey/contracts';
import { LogoutRequest, RevocationPendingReply } from '@latchkey/contracts/auth-api';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal } from '@latchkey/verifier-nestjs';
import { Body, Controller, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiCookieAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CallerGuard } from '../cookie-sessions/caller.guard.js';
import { RefreshCookie } from '../cookies/refresh-cookie.js';
import { TokenAnswer } from '../cookies/token-answer.js';
import { RevocationAnswer } from '../sessions/revocation-answer.js';
import { LogoutService } from './logout.service.js';
import { PresentedSession, type Presented } from './presented-session.js';

const ON_ITS_WAY = { description: 'Ended, and on its way to every service' };
const CONFIRMED = {
  standardSchema: ReceiptsReply,
  description: 'Ended; how many verifiers refuse its tokens by now, where `confirm` was asked for',
};
const NOT_YET = {
  standardSchema: RevocationPendingReply,
  description: 'Ended and recorded; the services learn it once NATS can be reached',
};

@ApiTags('sessions')
@ApiBearerAuth()
@Controller('logout')
export class LogoutController {
  constructor(
    private readonly service: LogoutService,
    private readonly presented: PresentedSession,
    private readonly cookie: RefreshCookie,
    private readonly tokens: TokenAnswer,
    private readonly answer: RevocationAnswer,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'End this session',
    description:
      'By the access token, or by the refresh token in the body, or by a cookie of either. Ending it again ' +
      'is answered alike. `Revocation-Position` is the number of the revocation: a later call that ' +
      'sends it as `Revocation-Min-Position` is judged by no verifier that has not applied it. With ' +
      '`confirm` the answer waits for the verifiers, at most so many milliseconds.',
  })
  @ApiOkResponse(CONFIRMED)
  @ApiNoContentResponse(ON_ITS_WAY)
  @ApiAcceptedResponse(NOT_YET)
  @ApiUnauthorizedResponse({ description: 'No token, or none of ours' })
  async logOut(
    @Req() request: FastifyRequest,
    @Body({ schema: LogoutRequest.optional() }) body: LogoutRequest | undefined,
    @Query({ schema: ConfirmQuery }) { confirm }: ConfirmQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | ReceiptsReply | undefined> {
    const session = await this.presented.find(request, body);
    const revocations = await this.service.logOut(session);
    await this.#clearCookies(request, reply, (owner) => owner.id === session.id);
    return confirm === undefined
      ? this.answer.send(reply, revocations)
      : this.answer.sendConfirmed(reply, revocations, confirm);
  }

  @Post('everywhere')
  @UseGuards(CallerGuard)
  @ApiCookieAuth()
  @ApiOperation({ summary: 'End all sessions of this account, this one included' })
  @ApiOkResponse(CONFIRMED)
  @ApiNoContentResponse(ON_ITS_WAY)
  @ApiAcceptedResponse(NOT_YET)
  async logOutEverywhere(
    @CurrentPrincipal() { subject }: Principal,
    @Query({ schema: ConfirmQuery }) { confirm }: ConfirmQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPendingReply | ReceiptsReply | undefined> {
    const revocations = await this.service.logOutEverywhere(subject);
    await this.#clearCookies(request, reply, (owner) => owner.userId === subject);
    return confirm === undefined
      ? this.answer.send(reply, revocations)
      : this.answer.sendConfirmed(reply, revocations, confirm);
  }

  /** A cookie of another session than those that ended stays. */
  async #clearCookies(
    request: FastifyRequest,
    reply: FastifyReply,
    ended: (owner: Presented) => boolean,
  ): Promise<void> {
    const { refresh, access } = await this.presented.ofCookies(request);
    if (refresh && ended(refresh)) this.cookie.clear(reply);
    if (access && ended(access)) this.tokens.clearCookie(reply);
  }
}
