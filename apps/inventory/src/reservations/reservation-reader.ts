import type { PageQuery, Reservation, ReservationListReply } from '@latchkey/shop-contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { selectOne, selectPage, type Owner } from './reservation-rows.js';

@Injectable()
export class ReservationReader {
  constructor(private readonly dataSource: DataSource) {}

  async list(owner: Owner, { limit, after }: PageQuery): Promise<ReservationListReply> {
    const rows = await selectPage(this.dataSource.manager, owner, after, limit + 1);
    const reservations = rows.slice(0, limit);
    return { reservations, ...(rows.length > limit && { next: reservations.at(-1)!.id }) };
  }

  /** @throws ProblemError 404, also for a reservation of somebody else */
  find(id: string, owner: Owner): Promise<Reservation> {
    return selectOne(this.dataSource.manager, id, owner);
  }
}
