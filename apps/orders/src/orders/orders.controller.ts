import { IdParameter, Order, OrderListReply, OwnedPageQuery } from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { OrderReader } from './order-reader.js';
import { listedOwner, reachOf } from './reach.js';

@ApiTags('orders')
@ApiCaller()
@RequireScopes('orders:read')
@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrderReader) {}

  @Get()
  @ApiOperation({
    summary: "The caller's own orders, newest first; with orders:admin and all=true everybody's",
  })
  @ApiOkResponse({ standardSchema: OrderListReply })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: OwnedPageQuery }) { all, ...page }: OwnedPageQuery,
  ): Promise<OrderListReply> {
    return this.orders.list(listedOwner(principal, all), page);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One order of the caller; with orders:admin, of anybody' })
  @ApiOkResponse({ standardSchema: Order })
  one(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Order> {
    return this.orders.find(id, reachOf(principal));
  }
}
