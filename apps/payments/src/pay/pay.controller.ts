import { outsideTransaction, transactionDetails } from '@latchkey/service-authentication';
import { OrderTransaction, Payment, PayRequest } from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireActor, RequireScopes } from '@latchkey/verifier-nestjs';
import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiForbiddenResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PayService } from './pay.service.js';

@ApiTags('payments')
@ApiCaller()
@RequireActor('orders')
@RequireScopes('payments:write')
@Controller('payments')
export class PayController {
  constructor(private readonly paying: PayService) {}

  @Post()
  @ApiOperation({
    operationId: 'pay',
    summary: 'Charge an order',
    description:
      'Idempotent. Check `state`: a declined card is recorded as `declined`. The test processor captures `test-card` ' +
      'and declines `declined-card`.',
  })
  @ApiCreatedResponse({ standardSchema: Payment })
  @ApiForbiddenResponse({ description: 'The token is not one with which orders acts for a user' })
  pay(
    @CurrentPrincipal() user: Principal,
    @Body({ schema: PayRequest }) request: PayRequest,
  ): Promise<Payment> {
    const about = transactionDetails(user, OrderTransaction);
    if (about && (about.order !== request.orderId || about.payment_method !== request.method))
      throw outsideTransaction();
    return this.paying.pay(user.subject, request);
  }
}
