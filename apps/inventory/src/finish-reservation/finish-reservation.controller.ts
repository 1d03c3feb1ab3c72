import { IdParameter, Reservation } from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireActor, RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiForbiddenResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
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
  @ApiOperation({ summary: 'Sell the held stock', description: 'Idempotent.' })
  @ApiOkResponse({ standardSchema: Reservation })
  @ApiForbiddenResponse({ description: ONLY_ORDERS })
  sell(
    @CurrentPrincipal() { subject: userId }: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Reservation> {
    return this.finishing.sell(id, { userId });
  }

  @Post('release')
  @HttpCode(200)
  @ApiOperation({ summary: 'Release the held stock', description: 'Idempotent.' })
  @ApiOkResponse({ standardSchema: Reservation })
  @ApiForbiddenResponse({ description: ONLY_ORDERS })
  release(
    @CurrentPrincipal() { subject: userId }: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Reservation> {
    return this.finishing.release(id, { userId });
  }
}
