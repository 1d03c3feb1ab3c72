import { IdParameter, Order, OrderListReply, OwnedPageQuery } from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { OrderReader } from './order-reader.js';
import { rowAccess } from './row-access.js';

@ApiTags('orders')
@ApiCaller()
@RequireScopes('orders:read')
@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrderReader) {}

  @Get()
  @ApiOperation({
    operationId: 'listOrders',
    summary: 'List orders, newest first',
    description:
      "Lists the caller's own orders. With the scope `orders:admin` and `all=true`, lists every user's orders.",
  })
  @ApiOkResponse({ standardSchema: OrderListReply })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: OwnedPageQuery }) { all, ...page }: OwnedPageQuery,
  ): Promise<OrderListReply> {
    return this.orders.list(rowAccess.listAccessOf(principal, all), page);
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getOrder',
    summary: 'Get an order',
    description:
      "Finds the caller's own orders. With the scope `orders:admin`, finds every user's orders.",
  })
  @ApiOkResponse({ standardSchema: Order })
  @ApiNotFoundResponse({ description: 'The caller has no such order' })
  one(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Order> {
    return this.orders.find(id, rowAccess.accessOf(principal));
  }
}
