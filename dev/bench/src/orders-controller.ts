import { Controller, Get } from '@nestjs/common';

/** The protected route, which costs next to nothing itself. */
@Controller()
export class OrdersController {
  @Get('orders')
  list(): { orders: readonly string[] } {
    return { orders: [] };
  }
}
