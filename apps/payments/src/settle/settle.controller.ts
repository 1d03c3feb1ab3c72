import { Payment, SettlePaymentRequest } from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import { RequireClient, RequireScopes } from '@latchkey/verifier-nestjs';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiForbiddenResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CancelService } from '../cancel/cancel.service.js';

@ApiTags('payments')
@ApiCaller()
@RequireClient('orders')
@RequireScopes('payments:settle')
@Controller('payments/settle')
export class SettleController {
  constructor(private readonly cancelling: CancelService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'settlePayments',
    summary: 'Cancel the payment of an order that was given up',
    description:
      'Like a cancellation, but with a token of orders itself, when no user is there. Idempotent.',
  })
  @ApiOkResponse({ standardSchema: Payment })
  @ApiForbiddenResponse({ description: 'The token is not one of orders itself' })
  settle(
    @Body({ schema: SettlePaymentRequest }) { userId, ...request }: SettlePaymentRequest,
  ): Promise<Payment> {
    return this.cancelling.cancel(userId, request);
  }
}
