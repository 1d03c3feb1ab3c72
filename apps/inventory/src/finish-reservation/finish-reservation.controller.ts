import { IdParameter, Reservation } from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { rowAccess } from '../reservations/row-access.js';
import { FinishReservationService } from './finish-reservation.service.js';

@ApiTags('reservations')
@ApiCaller()
@RequireScopes('inventory:write')
@Controller('reservations/:id')
export class FinishReservationController {
  constructor(private readonly finishing: FinishReservationService) {}

  @Post('sell')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sell the held stock', description: 'Idempotent.' })
  @ApiOkResponse({ standardSchema: Reservation })
  sell(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Reservation> {
    return this.finishing.sell(id, rowAccess.accessOf(principal));
  }

  @Post('release')
  @HttpCode(200)
  @ApiOperation({ summary: 'Release the held stock', description: 'Idempotent.' })
  @ApiOkResponse({ standardSchema: Reservation })
  release(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Reservation> {
    return this.finishing.release(id, rowAccess.accessOf(principal));
  }
}
