import { ChangePasswordRequest, TokenCookieReply, TokenReply } from '@latchkey/contracts/auth-api';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal } from '@latchkey/verifier-nestjs';
import { Body, Controller, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiForbiddenResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { TokenAnswer } from '../cookies/token-answer.js';
import { LiveTokenGuard } from '../live-token.guard.js';
import { REVOCATION_POSITION } from '../../revocations/api-revocation.js';
import { RevocationAnswer } from '../../revocations/revocation-answer.js';
import { senderOf } from '../../platform/admission/sender.js';
import { ChangePasswordService } from './change-password.service.js';

@ApiTags('accounts')
@ApiBearerAuth()
@UseGuards(LiveTokenGuard)
@Controller('password')
export class ChangePasswordController {
  constructor(
    private readonly changePasswordService: ChangePasswordService,
    private readonly tokens: TokenAnswer,
    private readonly answer: RevocationAnswer,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'changePassword',
    summary: 'Change the password and end all other sessions',
    description:
      'This session continues with the tokens in the response; its old refresh token is invalid. ' +
      '`Revocation-Position` is set once the revocation of the others is on its way to the services.',
  })
  @ApiOkResponse({
    standardSchema: z.union([TokenReply, TokenCookieReply]),
    headers: REVOCATION_POSITION,
  })
  @ApiForbiddenResponse({ description: 'The current password is wrong' })
  @ApiTooManyRequestsResponse({
    description: 'Too many attempts; the `Retry-After` header says how many seconds to wait',
  })
  async change(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: ChangePasswordRequest }) request: ChangePasswordRequest,
    @Req() from: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenReply | TokenCookieReply> {
    const changed = await this.changePasswordService.change(principal, request, senderOf(from));
    this.answer.setHeader(reply, changed);
    return this.tokens.send(reply, changed.result);
  }
}
