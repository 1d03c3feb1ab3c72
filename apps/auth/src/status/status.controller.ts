import { RevocationStatusReply, RevocationStatusRequest } from '@latchkey/contracts/auth-api';
import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { StatusService } from './status.service.js';

@ApiTags('revocations')
@Controller('revocations/status')
export class StatusController {
  constructor(private readonly status: StatusService) {}

  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'getRevocationStatus',
    summary: 'Whether, why and when a token was revoked',
    description:
      'Send the ids that a token contains, never the token itself. No log-in is needed. What concerns a user or a ' +
      'client is told only to the holder of a `sid` or `jti` that belongs to it, because those are random. ' +
      '`revoked: null` says that this cannot be known.',
  })
  @ApiOkResponse({ standardSchema: RevocationStatusReply })
  @ApiBadRequestResponse({ description: 'The body is not a set of ids. It is never quoted' })
  @ApiServiceUnavailableResponse({
    description:
      'The record is unavailable, or may lack revocations after a restore, so nothing is known',
  })
  ask(
    @Body({ schema: RevocationStatusRequest }) token: RevocationStatusRequest,
  ): Promise<RevocationStatusReply> {
    return this.status.statusOf(token);
  }
}
