import { outsideTransaction, transactionDetails } from '@latchkey/service-authentication';
import { OrderTransaction, Reservation, ReserveRequest } from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiForbiddenResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ReserveService } from './reserve.service.js';

@ApiTags('reservations')
@ApiCaller()
@RequireScopes('inventory:write')
@Controller('reservations')
export class ReserveController {
  constructor(private readonly reserving: ReserveService) {}

  @Post()
  @ApiOperation({
    operationId: 'reserveStock',
    summary: 'Hold stock for an order',
    description:
      'Reserves all lines or none. Repeating the request changes nothing while the stock is held or sold. After a ' +
      'release or an expiry, it reserves the stock again at the first prices.',
  })
  @ApiCreatedResponse({ standardSchema: Reservation })
  @ApiForbiddenResponse({ description: 'The transaction is about another order' })
  reserve(
    @CurrentPrincipal() user: Principal,
    @Body({ schema: ReserveRequest }) request: ReserveRequest,
  ): Promise<Reservation> {
    const about = transactionDetails(user, OrderTransaction);
    if (about && about.order !== request.orderId) throw outsideTransaction();
    return this.reserving.reserve(user.subject, request);
  }
}
