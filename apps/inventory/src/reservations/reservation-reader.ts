import type { RowAccess } from '@latchkey/service-authentication';
import type { PageQuery, Reservation, ReservationListReply } from '@latchkey/shop-contracts';
import { pageOf } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, Repository } from 'typeorm';
import { findReservation, toReservation } from './reservation-store.js';
import { ReservationEntity } from './reservation.entity.js';

@Injectable()
export class ReservationReader {
  constructor(
    @InjectRepository(ReservationEntity)
    private readonly reservations: Repository<ReservationEntity>,
  ) {}

  /** Newest first. */
  async list(access: RowAccess, { limit, after }: PageQuery): Promise<ReservationListReply> {
    const rows = await this.reservations.find({
      where: { ...access, ...(after !== undefined && { id: LessThan(after) }) },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    const { items, next } = pageOf(rows.map(toReservation), limit);
    return { reservations: items, ...next };
  }

  /** @throws ProblemError 404, also for a reservation that the caller may not see */
  find(id: string, access: RowAccess): Promise<Reservation> {
    return findReservation(this.reservations.manager, id, access);
  }
}
