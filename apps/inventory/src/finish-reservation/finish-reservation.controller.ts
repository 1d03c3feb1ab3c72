import { transactionDetails } from '@latchkey/service-authentication';
import { IdParameter, OrderTransaction, Reservation } from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireActor, RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiForbiddenResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ReservationAccess } from '../reservations/row-access.js';
import { FinishReservationService } from './finish-reservation.service.js';

/** Only orders knows whether a reservation has been paid for. */
const ONLY_ORDERS = 'The token is not one with which orders acts for a user';

@ApiTags('reservations')
@ApiCaller()
@RequireActor('orders')
@RequireScopes('inventory:write')
@Controller('reservations/:id')
export class FinishReservationController {
  constructor(private readonly finishing: FinishReservationService) {}

  @Post('sell')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'sellReservation',
    summary: 'Sell the held stock',
    description: 'Idempotent.',
  })
  @ApiOkResponse({ standardSchema: Reservation })
  @ApiForbiddenResponse({ description: ONLY_ORDERS })
  sell(
    @CurrentPrincipal() user: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Reservation> {
    return this.finishing.sell(id, accessOf(user));
  }

  @Post('release')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'releaseReservation',
    summary: 'Release the held stock',
    description: 'Idempotent.',
  })
  @ApiOkResponse({ standardSchema: Reservation })
  @ApiForbiddenResponse({ description: ONLY_ORDERS })
  release(
    @CurrentPrincipal() user: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Reservation> {
    return this.finishing.release(id, accessOf(user));
  }
}

/** Within a transaction, only the reservation of its order can be finished. */
function accessOf(user: Principal): ReservationAccess {
  const about = transactionDetails(user, OrderTransaction);
  return { userId: user.subject, ...(about && { orderId: about.order }) };
}
