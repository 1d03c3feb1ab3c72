import { RegisterReply, RegisterRequest } from '@latchkey/contracts/auth-api';
import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { senderOf } from '../../platform/admission/sender.js';
import { RegisterService } from './register.service.js';

@ApiTags('accounts')
@Controller('register')
export class RegisterController {
  constructor(private readonly registerService: RegisterService) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    operationId: 'register',
    summary: 'Create an account',
    description:
      'The response does not reveal whether the name was free. If it was, you can log in now.',
  })
  @ApiAcceptedResponse({ standardSchema: RegisterReply })
  @ApiTooManyRequestsResponse({
    description: 'Too many registrations; the `Retry-After` header says how many seconds to wait',
  })
  async register(
    @Body({ schema: RegisterRequest }) request: RegisterRequest,
    @Req() from: FastifyRequest,
  ): Promise<RegisterReply> {
    await this.registerService.register(request, senderOf(from));
    return { accepted: true };
  }
}
