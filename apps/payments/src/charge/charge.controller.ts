import { Payment, PayRequest } from '@latchkey/contracts/shop-api';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ChargeService } from './charge.service.js';

@ApiTags('payments')
@ApiBearerAuth()
@RequireScopes('payments:write')
@Controller('payments')
export class ChargeController {
  constructor(private readonly charging: ChargeService) {}

  @Post()
  @ApiOperation({
    summary: 'Charge an order',
    description:
      'Once per order, however often it is repeated. Look at the state: a declined charge is ' +
      'recorded and answered with 201 too.',
  })
  @ApiCreatedResponse({ standardSchema: Payment })
  charge(
    @CurrentPrincipal() { subject }: Principal,
    @Body({ schema: PayRequest }) request: PayRequest,
  ): Promise<Payment> {
    return this.charging.charge(subject, request);
  }
}
