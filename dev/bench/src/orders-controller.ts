import { Controller, Get } from '@nestjs/common';

/** The route that is protected in one way or another: it costs next to nothing by itself. */
@Controller()
export class OrdersController {
  @Get('orders')
  list(): { orders: readonly string[] } {
    return { orders: [] };
  }
}
