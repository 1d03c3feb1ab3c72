import { IDEMPOTENCY_KEY_HEADER } from '@latchkey/contracts';
import { IdempotencyKey, Order, PlaceOrderRequest } from '@latchkey/shop-contracts';
import { outsideTransaction } from '@latchkey/service-authentication';
import { ApiCaller } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { PlaceOrderService } from './place-order.service.js';
import { RequestHeader } from './request-header.decorator.js';

@ApiTags('orders')
@ApiCaller()
@RequireScopes('orders:write')
@Controller('orders')
export class PlaceOrderController {
  constructor(private readonly placing: PlaceOrderService) {}

  @Post()
  @ApiOperation({
    operationId: 'placeOrder',
    summary: 'Place an order and pay for it',
    description:
      'Reserves the stock, charges the payment method, and sells the stock. Repeat the request with the same key ' +
      'until you get an answer: the order is placed and charged once.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: 'Identifies the order: 1 to 128 of A-Z a-z 0-9 . _ ~ : -',
  })
  @ApiCreatedResponse({ standardSchema: Order })
  @ApiResponse({ status: 402, description: 'The payment was declined' })
  @ApiResponse({
    status: 409,
    description: 'Out of stock, or another request with this key is in progress',
  })
  @ApiResponse({ status: 503, description: 'Not finished: repeat the request with the same key' })
  place(
    @CurrentPrincipal() user: Principal,
    @RequestHeader(IDEMPOTENCY_KEY_HEADER, { schema: IdempotencyKey }) idempotencyKey: string,
    @Body({ schema: PlaceOrderRequest }) request: PlaceOrderRequest,
  ): Promise<Order> {
    // A transaction that another service has begun cannot be about an order that does not exist yet.
    if (user.transaction) throw outsideTransaction();
    return this.placing.place({ user, idempotencyKey, request });
  }
}
