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
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { rowAccess } from './row-access.js';
import { ReservationReader } from './reservation-reader.js';

@ApiTags('reservations')
@ApiCaller()
@RequireScopes('inventory:read')
@Controller('reservations')
export class ReservationsController {
  constructor(private readonly reservations: ReservationReader) {}

  @Get()
  @ApiOperation({
    operationId: 'listReservations',
    summary: 'List reservations, newest first',
    description:
      "Lists the caller's own reservations. With the scope `inventory:admin` and `all=true`, lists every user's " +
      'reservations.',
  })
  @ApiOkResponse({ standardSchema: ReservationListReply })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: OwnedPageQuery }) { all, ...page }: OwnedPageQuery,
  ): Promise<ReservationListReply> {
    return this.reservations.list(rowAccess.listAccessOf(principal, all), page);
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getReservation',
    summary: 'Get a reservation',
    description:
      "Finds the caller's own reservations. With the scope `inventory:admin`, finds every user's reservations.",
  })
  @ApiOkResponse({ standardSchema: Reservation })
  @ApiNotFoundResponse({ description: 'The caller has no such reservation' })
  one(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Reservation> {
    return this.reservations.find(id, rowAccess.accessOf(principal));
  }
}
