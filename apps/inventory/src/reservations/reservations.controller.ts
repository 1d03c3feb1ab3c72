import {
  IdParameter,
  OwnedPageQuery,
  Reservation,
  ReservationListReply,
} from '@latchkey/shop-contracts';
import { ApiCaller } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { listedOwner, reachOf } from './reach.js';
import { ReservationReader } from './reservation-reader.js';

@ApiTags('reservations')
@ApiCaller()
@RequireScopes('inventory:read')
@Controller('reservations')
export class ReservationsController {
  constructor(private readonly reservations: ReservationReader) {}

  @Get()
  @ApiOperation({
    summary:
      "The caller's own reservations, newest first; with inventory:admin and all=true everybody's",
  })
  @ApiOkResponse({ standardSchema: ReservationListReply })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: OwnedPageQuery }) { all, ...page }: OwnedPageQuery,
  ): Promise<ReservationListReply> {
    return this.reservations.list(listedOwner(principal, all), page);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One reservation of the caller; with inventory:admin, of anybody' })
  @ApiOkResponse({ standardSchema: Reservation })
  one(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Reservation> {
    return this.reservations.find(id, reachOf(principal));
  }
}
