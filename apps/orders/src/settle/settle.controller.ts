import { SettlementReply, SettlementRequest } from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import { RequireClient, RequireScopes } from '@latchkey/verifier-nestjs';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiForbiddenResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { SettleService } from './settle.service.js';

@ApiTags('orders')
@ApiCaller()
@RequireClient('inventory')
@RequireScopes('orders:reconcile')
@Controller('orders/settlements')
export class SettleController {
  constructor(private readonly settling: SettleService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'settleOrders',
    summary: 'Finish the orders of overdue reservations',
    description:
      'Tells inventory what became of the orders of these reservations. An order that nobody has worked on for a ' +
      'while is finished first: it is paid if its stock was sold, otherwise its payment is cancelled. Idempotent.',
  })
  @ApiOkResponse({ standardSchema: SettlementReply })
  @ApiForbiddenResponse({ description: 'The token is not one of inventory itself' })
  async settle(
    @Body({ schema: SettlementRequest }) { reservations }: SettlementRequest,
  ): Promise<SettlementReply> {
    return { states: await this.settling.settle(reservations) };
  }
}
