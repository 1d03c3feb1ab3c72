import { IdParameter, OwnedPageQuery, Payment, PaymentListReply } from '@latchkey/shop-contracts';
import { ApiCaller, notFound } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PaymentStore } from './payment-store.js';
import { rowAccess } from './row-access.js';

@ApiTags('payments')
@ApiCaller()
@RequireScopes('payments:read')
@Controller('payments')
export class PaymentsController {
  constructor(private readonly payments: PaymentStore) {}

  @Get()
  @ApiOperation({
    operationId: 'listPayments',
    summary: 'List payments, newest first',
    description:
      "Lists the caller's own payments. With the scope `payments:admin` and `all=true`, lists every user's payments.",
  })
  @ApiOkResponse({ standardSchema: PaymentListReply })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: OwnedPageQuery }) { all, ...page }: OwnedPageQuery,
  ): Promise<PaymentListReply> {
    return this.payments.list(rowAccess.listAccessOf(principal, all), page);
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getPayment',
    summary: 'Get a payment',
    description:
      "Finds the caller's own payments. With the scope `payments:admin`, finds every user's payments.",
  })
  @ApiOkResponse({ standardSchema: Payment })
  @ApiNotFoundResponse({ description: 'The caller has no such payment' })
  async one(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Payment> {
    const payment = await this.payments.find(id, rowAccess.accessOf(principal));
    if (!payment) throw notFound('payment');
    return payment;
  }
}
