import {
  IdParameter,
  PageQuery,
  Reservation,
  ReservationListReply,
} from '@latchkey/contracts/shop-api';
import type { Principal } from '@latchkey/verifier';
import { CurrentPrincipal, RequireScopes } from '@latchkey/verifier-nestjs';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { reachOf } from './reach.js';
import { ReservationReader } from './reservation-reader.js';

@ApiTags('reservations')
@ApiBearerAuth()
@Controller()
export class ReservationsController {
  constructor(private readonly reservations: ReservationReader) {}

  @Get('reservations')
  @RequireScopes('inventory:read')
  @ApiOperation({ summary: "The caller's own reservations, newest first" })
  @ApiOkResponse({ standardSchema: ReservationListReply })
  own(
    @CurrentPrincipal() { subject }: Principal,
    @Query({ schema: PageQuery }) page: PageQuery,
  ): Promise<ReservationListReply> {
    return this.reservations.list(subject, page);
  }

  @Get('reservations/:id')
  @RequireScopes('inventory:read')
  @ApiOperation({ summary: 'One reservation of the caller; with inventory:admin, of anybody' })
  @ApiOkResponse({ standardSchema: Reservation })
  one(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: IdParameter }) id: string,
  ): Promise<Reservation> {
    return this.reservations.find(id, reachOf(principal));
  }

  @Get('admin/reservations')
  @RequireScopes('inventory:admin')
  @ApiOperation({ summary: "Everybody's reservations, newest first" })
  @ApiOkResponse({ standardSchema: ReservationListReply })
  all(@Query({ schema: PageQuery }) page: PageQuery): Promise<ReservationListReply> {
    return this.reservations.list('anybody', page);
  }
}
