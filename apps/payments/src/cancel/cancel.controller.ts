import { outsideTransaction, transactionDetails } from '@latchkey/service-authentication';
import { CancelPaymentRequest, OrderTransaction, Payment } from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireActor, RequireScopes } from '@latchkey/verifier-nestjs';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiForbiddenResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CancelService } from './cancel.service.js';

@ApiTags('payments')
@ApiCaller()
@RequireActor('orders')
@RequireScopes('payments:write')
@Controller('payments/cancel')
export class CancelController {
  constructor(private readonly cancelling: CancelService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'cancelPayments',
    summary: 'Cancel the payment of an order',
    description:
      'Refunds a captured payment. A charge that is still on its way will find the order cancelled. Idempotent.',
  })
  @ApiOkResponse({ standardSchema: Payment })
  @ApiForbiddenResponse({ description: 'The token is not one with which orders acts for a user' })
  cancel(
    @CurrentPrincipal() user: Principal,
    @Body({ schema: CancelPaymentRequest }) request: CancelPaymentRequest,
  ): Promise<Payment> {
    const about = transactionDetails(user, OrderTransaction);
    if (about && about.order !== request.orderId) throw outsideTransaction();
    return this.cancelling.cancel(user.subject, request);
  }
}
