import { IdParameter, OwnedPageQuery, Payment, PaymentListReply } from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { paymentNotFound, PaymentStore } from './payment-store.js';
import { listedOwner, reachOf } from './reach.js';

@ApiTags('payments')
@ApiCaller()
@RequireScopes('payments:read')
@Controller('payments')
export class PaymentsController {
  constructor(private readonly payments: PaymentStore) {}

  @Get()
  @ApiOperation({
    summary:
      "The caller's own payments, newest first; with payments:admin and all=true everybody's",
  })
  @ApiOkResponse({ standardSchema: PaymentListReply })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: OwnedPageQuery }) { all, ...page }: OwnedPageQuery,
  ): Promise<PaymentListReply> {
    return this.payments.list(listedOwner(principal, all), page);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One payment of the caller; with payments:admin, of anybody' })
  @ApiOkResponse({ standardSchema: Payment })
  async one(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Payment> {
    const payment = await this.payments.find(id, reachOf(principal));
    if (!payment) throw paymentNotFound();
    return payment;
  }
}
